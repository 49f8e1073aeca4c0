/**
 * How services reach a database. There is no way to a connection without a scope outside migrations and the system role.
 */

/** Whose rows a unit of work may see: set as `app.tenant_id`, `app.organization_id`, `app.workspace_id`, for one Sync or one transaction. */
export interface Scope {
  readonly tenantId: string;
  /** null: no organization chosen; row-level security then shows no organization's rows. */
  readonly organizationId: string | null;
  /** null: the whole organization. */
  readonly workspaceId: string | null;
}

/** How a column's text becomes a value. `int` refuses what a double cannot hold exactly. */
export type ColumnParser = 'int' | 'bool' | 'json' | 'date' | ((text: string) => unknown);

/**
 * A statement, prepared once per connection. Made by `statement()` (or `fromDrizzle()`) when a module loads:
 * `name` and `text` belong together for the life of the process.
 */
export interface Statement<Row> {
  readonly name: string;
  readonly text: string;
  /** Columns arrive as Postgres text (a json column as its text) unless a parser is named here. */
  readonly parse?: Readonly<Record<string, ColumnParser>>;
  /**
   * Where it orders, it is planned without sorting if an index has that order: `order by` then names the index to be read.
   * Under row-level security, and in tables that nobody has analyzed, the planner expects one row and would sort it, by way of
   * whichever index looks cheapest for one. Not in a transaction, which has set its scope before its statements.
   */
  readonly inIndexOrder?: true;
  /** Phantom: the row's type. */
  readonly row?: Row;
}

/**
 * Parameters as the wire takes them: Dates as RFC 3339, an array of scalars as a Postgres array, other objects (and arrays of
 * objects) as JSON text. An array of scalars that is meant as JSON must be stringified by the caller: `[]` says neither.
 */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Buffer
  | null
  | readonly (string | number | boolean | null)[]
  | object;

export interface Queryable {
  /** Rows in order. Rejects with DatabaseError (chassis/db/errors.ts). */
  query<Row>(statement: Statement<Row>, values?: readonly Value[]): Promise<Row[]>;
}

/** A real transaction on a leased connection. Statements issued without awaiting each other travel in one write. */
export interface Tx extends Queryable {
  /**
   * A statement whose rows nobody needs (inserts, the outbox row): kept back and sent in one write with the COMMIT.
   * Its error rejects the transaction as if it had been awaited. A later `query` sends it first, so order is kept.
   */
  defer(statement: Statement<unknown>, values?: readonly Value[]): void;
}

/** One request's (or one job's) access to its tenant's database. Its own `query` is the pipelined lane: reads by index, in one Sync with the scope. */
export interface ScopedDb extends Queryable {
  /** The leased lane, one statement in one Sync: a slow read, or a single-statement write. */
  readonly leased: Queryable;
  /** BEGIN and the scope travel with the first statement, deferred statements with the COMMIT. Throwing rolls back. Never nest. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** Filled while a request runs, for its log line. */
export interface DbStats {
  /** Statements, scope settings not counted. */
  queries: number;
  /** Writes to the socket that were waited for. */
  roundTrips: number;
  /** Sum of the waits, in milliseconds. */
  waitedMs: number;
}

export const noStats = (): DbStats => ({ queries: 0, roundTrips: 0, waitedMs: 0 });
