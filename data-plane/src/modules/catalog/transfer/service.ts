import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { csvCell } from '@platen/chassis/csv/cells';
import { AppError, invalidField } from '@platen/chassis/http/app-error';
import { toProblemError } from '@platen/chassis/http/problem';
import type { QueryOf } from '@platen/schema/contract';
import { type catalog, catalogColumns } from '@platen/schema/contracts/data/catalog-transfer';
import { errors } from '@platen/schema/errors';
import { type FindOrganization, organizationOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { wrongCurrency } from '../currency.js';
import { matchHeader } from './columns.js';
import { type ImportSettings, importRows, noCounts } from './import.js';
import { type CsvFile, readCsv } from './read-csv.js';
import * as repo from './repo.js';

export interface TransferService {
  /** Lines of JSON, the first as soon as the names of the columns are known. */
  import(ctx: TenantCtx, query: QueryOf<typeof catalog.import>, file: Readable): Promise<Readable>;
  export(ctx: TenantCtx, query: QueryOf<typeof catalog.export>): Promise<Readable>;
}

const maxUnknownCategories = 100;
const pageRows = 1_000;
const beforeAll = '00000000-0000-0000-0000-000000000000';

export function createTransferService(deps: { findOrganization: FindOrganization }): TransferService {
  const importing = new Set<string>();
  return {
    async import(ctx, query, file) {
      if (importing.has(ctx.tenant.id))
        throw new AppError('busy', 'Another import is running', { retryAfterSeconds: 5 });
      importing.add(ctx.tenant.id);
      const end = () => importing.delete(ctx.tenant.id);
      try {
        const unknownCategories = new Set<string>();
        const settings = await settingsOf(ctx, query, deps.findOrganization, unknownCategories);
        const csv = await readCsv(file);
        return await answerLines(ctx, csv, settings, unknownCategories, query, end);
      } catch (error) {
        end();
        throw error;
      }
    },

    async export(ctx, { product_status, category_code }) {
      organizationOf(deps.findOrganization, ctx);
      const categories = category_code === undefined ? [] : await repo.listCategories(ctx.db.leased);
      const category = categories.find(({ code }) => code === category_code);
      if (category_code !== undefined && category === undefined) throw unknownCategory('/query/category_code');
      const filter = { productStatus: product_status ?? null, categoryId: category?.id ?? null };
      return Readable.from(csvOf(ctx, filter), { objectMode: false });
    },
  };
}

async function settingsOf(
  ctx: TenantCtx,
  query: QueryOf<typeof catalog.import>,
  findOrganization: FindOrganization,
  unknownCategories: Set<string>,
): Promise<ImportSettings> {
  const { id: organizationId, settings } = organizationOf(findOrganization, ctx);
  if (query.currency !== undefined && query.currency !== settings.currency) {
    throw wrongCurrency('/query/currency', settings.currency);
  }
  const categories = await repo.listCategories(ctx.db.leased);
  const { category_id = null } = query;
  if (category_id !== null && !categories.some(({ id }) => id === category_id))
    throw unknownCategory('/query/category_id');
  const fold = (text: string) => text.normalize('NFKC').trim().toLowerCase();
  // A code goes before a name that reads like it.
  const byName = new Map([
    ...categories.map(({ name, id }) => [fold(name), id] as const),
    ...categories.map(({ code, id }) => [code, id] as const),
  ]);
  return {
    dryRun: query.dry_run === true,
    decimal: query.decimal ?? 'point',
    weightUnit: query.weight_unit ?? 'g',
    currency: settings.currency,
    productStatus: query.product_status ?? 'active',
    owner: { tenantId: ctx.tenant.id, organizationId },
    newId: () => ctx.newId(),
    categoryOf(name) {
      if (name === null) return category_id;
      const id = byName.get(fold(name));
      if (id === undefined && unknownCategories.size < maxUnknownCategories) unknownCategories.add(name.slice(0, 200));
      return id ?? category_id;
    },
  };
}

async function answerLines(
  ctx: TenantCtx,
  { delimiter, records }: CsvFile,
  settings: ImportSettings,
  unknownCategories: ReadonlySet<string>,
  { weight_unit }: QueryOf<typeof catalog.import>,
  end: () => void,
): Promise<Readable> {
  const iterator = records[Symbol.asyncIterator]();
  const { value: names = [] } = (await iterator.next()) as IteratorResult<string[], undefined>;
  const header = matchHeader(names);
  if (!header.places.has('style')) {
    const message = `is not among the columns: ${names.slice(0, 20).join(', ').slice(0, 500)}`;
    throw invalidField('/file/style', message);
  }
  const counts = noCounts();
  // Lines are few, whatever the file: nothing here waits for their reader, who may still be sending.
  const lines = new Readable({ read() {} });
  const tell = (line: object): void => {
    if (!lines.destroyed) lines.push(`${JSON.stringify(line)}\n`);
  };
  tell({ type: 'header', delimiter, columns: header.columns, unknown_columns: header.unknown.slice(0, 200) });
  const rest = { [Symbol.asyncIterator]: () => iterator };
  const weightUnit = header.weightUnit ?? weight_unit ?? 'g';
  importRows(ctx, header, rest, { ...settings, weightUnit }, counts, tell)
    .then(() => tell(summaryOf(settings.dryRun, counts, unknownCategories)))
    .catch((error: unknown) => {
      const failure = toProblemError(error);
      if (errors[failure.code].status >= 500) ctx.log.error({ error, rows: counts.rows }, 'import failed');
      tell({
        type: 'failed',
        rows: counts.rows,
        code: failure.code,
        message: failure.detail ?? errors[failure.code].title,
      });
    })
    .finally(() => {
      end();
      lines.push(null);
    });
  return lines;
}

const summaryOf = (dryRun: boolean, counts: ReturnType<typeof noCounts>, unknownCategories: ReadonlySet<string>) => ({
  type: 'summary',
  dry_run: dryRun,
  rows: counts.rows,
  products: counts.products,
  variants: counts.variants,
  refused: counts.refused,
  refused_listed: counts.refusedListed,
  unknown_categories: [...unknownCategories],
});

/** Page by page, as fast as it is read. */
async function* csvOf(ctx: TenantCtx, filter: repo.ExportFilter): AsyncGenerator<string, void> {
  yield `${catalogColumns.join(',')}\r\n`;
  let after = { product_id: beforeAll, id: beforeAll };
  for (;;) {
    const rows = await repo.listExportRows(ctx.db.leased, after, filter, pageRows);
    if (rows.length > 0) yield rows.map(({ cells }) => `${cells.map(csvCell).join(',')}\r\n`).join('');
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    after = last;
    // Others' requests come in between two pages.
    await setImmediate();
  }
}

const unknownCategory = (path: string): AppError =>
  new AppError('unknown_reference', undefined, { fields: [{ path, message: 'names no category' }] });
