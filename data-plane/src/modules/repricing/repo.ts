import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId, type Page } from '@platen/chassis/http/paging';
import type { RepricingResult } from '@platen/schema/contracts/data/job-shapes';
import { RepricingRow, repricing } from '@platen/schema/contracts/data/repricing';
import type { RepricingOutcome } from '@platen/schema/states/job';
import type { Static } from 'typebox';

export interface OpenQuotes {
  /** The job's: one of a workspace has that workspace's quotes, not those of the whole organization. */
  readonly workspaceId: string | null;
  readonly customerId: string | null;
  readonly currency: string | null;
  /** A sent quote that is past its day is not open. */
  readonly today: string;
}
const isOpen = `(q.status = 'draft' or (q.status = 'sent' and q.valid_until >= $1::date))
  and ($2::uuid is null or q.workspace_id = $2::uuid)
  and ($3::uuid is null or q.customer_id = $3::uuid) and ($4::text is null or q.currency = $4::text)`;
const openValues = ({ today, workspaceId, customerId, currency }: OpenQuotes) => [
  today,
  workspaceId,
  customerId,
  currency,
];

const selectOpen = statement<{ id: string }>(
  'repricing.open_quotes',
  `select q.id from erp_quotes q where ${isOpen} and q.id < $5::uuid order by q.id desc limit $6::int`,
);
/** The newest first, from beyond `after`. */
export const listOpenQuotes = async (db: Queryable, open: OpenQuotes, after: string | undefined, limit: number) =>
  (await db.query(selectOpen, [...openValues(open), after ?? lastId, limit])).map(({ id }) => id);

const countOpen = statement<{ count: number }>(
  'repricing.count_open',
  `select count(*) as count from erp_quotes q where ${isOpen}`,
  { parse: { count: 'int' } },
);
export const countOpenQuotes = async (db: Queryable, open: OpenQuotes): Promise<number> =>
  (await db.query(countOpen, openValues(open)))[0]?.count ?? 0;

const selectKnown = statement<{ quote_id: string }>(
  'repricing.known_rows',
  'select quote_id from erp_repricing_rows where job_id = $1::uuid and quote_id = any($2::uuid[])',
);
/** Which of these the report has already. */
export const listKnownQuotes = async (db: Queryable, jobId: string, quoteIds: readonly string[]) =>
  new Set((await db.query(selectKnown, [jobId, quoteIds])).map((row) => row.quote_id));

export interface NewRow {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly workspaceId: string | null;
  readonly jobId: string;
  readonly quoteId: string;
  readonly outcome: RepricingOutcome;
  readonly quoteVersion: number;
  readonly currency: string;
  readonly oldTotal: string;
  readonly newTotal: string | null;
  readonly reasons: object;
  readonly error: object | null;
}
// A currency that the customer has changed to stands with the reasons' amounts; the row has the quote's.
const insert = statement<never>(
  'repricing.insert_row',
  `insert into erp_repricing_rows (tenant_id, organization_id, workspace_id, job_id, quote_id, outcome, quote_version,
    currency, old_total, new_total, reasons, error)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6, $7::int, $8, $9, $10, $11::jsonb, $12::jsonb)`,
);
export const insertRow = (tx: Tx, row: NewRow): Promise<unknown> =>
  tx.query(insert, [
    row.tenantId,
    row.organizationId,
    row.workspaceId,
    row.jobId,
    row.quoteId,
    row.outcome,
    row.quoteVersion,
    row.currency,
    row.oldTotal,
    row.newTotal,
    JSON.stringify(row.reasons),
    row.error === null ? null : JSON.stringify(row.error),
  ]);

type Tally = Omit<Static<typeof RepricingResult>, 'kind'>;
const tallyRows = statement<Tally>(
  'repricing.tally',
  `select count(*) filter (where outcome = 'unchanged') as unchanged, count(*) filter (where outcome = 'differs') as differs,
     count(*) filter (where outcome = 'repriced') as repriced, count(*) filter (where outcome = 'failed') as failed
   from erp_repricing_rows where job_id = $1::uuid`,
  { parse: { unchanged: 'int', differs: 'int', repriced: 'int', failed: 'int' } },
);
export async function countRows(db: Queryable, jobId: string): Promise<Static<typeof RepricingResult>> {
  const [tally] = await db.query(tallyRows, [jobId]);
  return { kind: 'repricing', ...(tally ?? { unchanged: 0, differs: 0, repriced: 0, failed: 0 }) };
}

const ofQuote = (column: string) => `(select q.${column} from erp_quotes q where q.id = t.quote_id)`;
const rowJson = jsonSelect(RepricingRow, {
  quote_id: 't.quote_id',
  number: ofQuote('number'),
  customer_id: ofQuote('customer_id'),
  outcome: 't.outcome',
  quote_version: 't.quote_version',
  old_total: { amount: 't.old_total', currency: 't.currency' },
  new_total: { amount: 't.new_total', currency: 't.currency' },
  reasons: jsonExpression('t.reasons'),
  error: jsonExpression('t.error'),
  created_at: 't.created_at',
});
const pageOf = (variant: string | undefined, condition: string): Page =>
  definePage({
    contract: repricing.rows,
    ...(variant !== undefined && { variant }),
    item: rowJson,
    key: 't.quote_id::text',
    rows: `select t.* from erp_repricing_rows t where t.quote_id < $2::uuid and t.job_id = $3::uuid ${condition}
      order by t.quote_id desc`,
    start: lastId,
  });
export const rowPages = { all: pageOf(undefined, ''), ofOutcome: pageOf('outcome', 'and t.outcome = $4') } as const;

const find = statement<{ id: string }>(
  'repricing.find_job',
  `select id from erp_jobs where id = $1::uuid and kind = 'repricing'`,
);
export const isRepricing = async (db: Queryable, id: string): Promise<boolean> =>
  (await db.query(find, [id])).length > 0;

const findCustomer = statement<{ id: string }>(
  'repricing.find_customer',
  'select id from erp_customers where id = $1::uuid',
);
export const hasCustomer = async (db: Queryable, id: string): Promise<boolean> =>
  (await db.query(findCustomer, [id])).length > 0;
