import type { Queryable, ScopedDb, Statement, Tx, Value } from '@platen/chassis/db/types';
import type { SchemaGate } from './schema-gate.js';

/** A tenant's database before it is known to have the right schema: each piece of work passes the gate first. */
export class GatedDb implements ScopedDb {
  readonly #gate: SchemaGate;
  readonly #db: ScopedDb;

  constructor(gate: SchemaGate, db: ScopedDb) {
    this.#gate = gate;
    this.#db = db;
  }

  async query<Row>(statement: Statement<Row>, values?: readonly Value[]): Promise<Row[]> {
    await this.#gate.pass();
    return this.#db.query(statement, values);
  }

  get leased(): Queryable {
    return {
      query: async (statement, values) => {
        await this.#gate.pass();
        return this.#db.leased.query(statement, values);
      },
    };
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    await this.#gate.pass();
    return this.#db.transaction(work);
  }
}
