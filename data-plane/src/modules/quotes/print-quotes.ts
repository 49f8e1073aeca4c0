import { statement } from '@platen/chassis/db/statement';
import { AppError } from '@platen/chassis/http/app-error';
import type { ShownQuote } from '@platen/schema/contracts/data/public-quotes';
import type { QuoteStatus } from '@platen/schema/states/quote';
import type { Organization } from '../../feed/tenant.js';
import type { ReadPicture } from '../files/index.js';
import type { TenantCtx } from '../module.js';
import { type PrintedMark, type Printer, printedMarks, printedQuote } from '../printing/index.js';
import { findShownContent, shownQuote } from './shown-quote.js';
import { statusOn, todayOf } from './status.js';

export interface PrintedPdf {
  readonly fileName: string;
  readonly pdf: Buffer;
}
export interface PrintQuotes {
  /** In the scope of `ctx`, which sees the quote or does not. @throws AppError not_found, busy */
  print(ctx: TenantCtx, organization: Organization, id: string): Promise<PrintedPdf>;
}

/** On 170 × 64 points of paper, 288 to the inch. */
const logoPixels = { width: 680, height: 256 };

export interface PrintDeps {
  readonly printer: Printer;
  readonly readPicture: ReadPicture;
}

interface Row {
  readonly number: string | null;
  readonly status: QuoteStatus;
  readonly valid_until: string;
  readonly document: ShownQuote | null;
}
const select = statement<Row>(
  'quotes.printed',
  'select number, status, valid_until::text, document from erp_quotes where id = $1::uuid',
  { parse: { document: 'json' } },
);

export function createPrintQuotes({ printer, readPicture }: PrintDeps): PrintQuotes {
  /** While the storage is away, quotes are printed all the same. */
  async function readLogo(ctx: TenantCtx, id: string): Promise<Buffer | null> {
    try {
      return await readPicture(ctx, id, logoPixels);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'dependency_unavailable') throw error;
      ctx.log.warn({ error }, 'printed without the logo');
      return null;
    }
  }

  return {
    async print(ctx, organization, id) {
      const logoId = organization.letterhead?.logo_file_id ?? null;
      const [[quote], content, logo] = await Promise.all([
        ctx.db.query(select, [id]),
        findShownContent(ctx.db, id),
        logoId === null ? null : readLogo(ctx, logoId),
      ]);
      if (!quote || !content) throw new AppError('not_found');
      const today = todayOf(organization, ctx);
      // What was sent is printed as it was sent; what was not, as it would be sent now.
      const shown =
        quote.document ?? shownQuote(organization, content, { number: quote.number ?? '', issuedOn: today });
      const mark = markOf(statusOn(quote, today));
      const printed = printedQuote({ ...shown, number: quote.number }, { mark, logo });
      const pdf = await printer.print(printed, ctx.tenant.id);
      return { fileName: `${quote.number ?? `draft-${id}`}-${shown.revision}.pdf`, pdf };
    },
  };
}

const markOf = (status: QuoteStatus): PrintedMark | null => printedMarks.find((mark) => mark === status) ?? null;
