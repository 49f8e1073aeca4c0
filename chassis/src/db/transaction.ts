import { DatabaseError, sqlstates } from './errors.js';
import { stepOf } from './scope-step.js';
import { statement } from './statement.js';
import type { DbStats, Statement, Tx, Value } from './types.js';
import type { Step } from './wire/exchange.js';
import type { Wire } from './wire/wire.js';

const begin = statement<never>('platen.begin', 'begin');
const commit = statement<never>('platen.commit', 'commit');
const rollback = statement<never>('platen.rollback', 'rollback');

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/**
 * BEGIN and the scope go out with the first statement, deferred statements with the next one or with COMMIT. The first
 * failure is the transaction's: it is what commit() rejects with, though the work may have caught it, because PostgreSQL
 * keeps nothing of a transaction in which a statement failed.
 */
export class Transaction implements Tx {
  private readonly wire: Wire;
  private readonly stats: DbStats;
  private prelude: readonly Step[];
  private begun = false;
  private deferred: Step[] = [];
  private failure: Error | undefined;
  private over = false;
  private inFlight = 0;

  /** `scope`: the step that sets it; none for the system role. */
  constructor(wire: Wire, scope: readonly Step[], stats: DbStats) {
    this.wire = wire;
    this.stats = stats;
    this.prelude = [stepOf(begin, [], false), ...scope];
  }

  query<Row>(declared: Statement<Row>, values?: readonly Value[]): Promise<Row[]> {
    const answer = this.run(declared, values);
    // Whoever awaits it sees it fail. Nobody has to: the transaction remembers, and a rejection that is only looked at after
    // an earlier await threw must not end the process.
    answer.catch(() => undefined);
    return answer;
  }

  private async run<Row>(declared: Statement<Row>, values: readonly Value[] | undefined): Promise<Row[]> {
    if (this.over) throw new Error('the transaction is over');
    let step: Step;
    try {
      step = stepOf(declared, values);
    } catch (error) {
      this.failure ??= asError(error);
      throw error;
    }
    this.stats.queries += 1;
    await this.send(step);
    // The step's rows are built by the statement's columns and parsers; Row is the caller's word for them.
    return step.rows as Row[];
  }

  defer(declared: Statement<unknown>, values?: readonly Value[]): void {
    if (this.over) throw new Error('the transaction is over');
    this.deferred.push(stepOf(declared, values, false));
    this.stats.queries += 1;
  }

  private async send(last: Step): Promise<void> {
    const steps = [...this.prelude, ...this.deferred, last];
    this.prelude = [];
    this.deferred = [];
    this.begun = true;
    const sentAt = performance.now();
    // Statements issued without awaiting each other are waited for together.
    const isFirst = this.inFlight === 0;
    if (isFirst) this.stats.roundTrips += 1;
    this.inFlight += 1;
    try {
      await this.wire.run(steps);
    } catch (error) {
      this.failure ??= asError(error);
      throw error;
    } finally {
      this.inFlight -= 1;
      if (isFirst) this.stats.waitedMs += performance.now() - sentAt;
    }
  }

  async commit(): Promise<void> {
    this.over = true;
    if (this.failure !== undefined) throw this.failure;
    if (!this.begun && this.deferred.length === 0) return;
    const last = stepOf(commit, [], false);
    await this.send(last);
    // A statement that was never awaited failed before it.
    if (this.failure !== undefined) throw this.failure;
    if (last.tag !== 'COMMIT') {
      throw new DatabaseError('the server rolled back instead of committing', {
        sqlstate: sqlstates.transactionAborted,
      });
    }
  }

  /** Never throws. Leaves the connection idle, or closed. */
  async rollback(): Promise<void> {
    this.over = true;
    this.deferred = [];
    if (!this.begun || this.wire.closed) return;
    // Answers are in order: once this one is here, statements that nobody awaited are answered too.
    await this.wire.run([stepOf(rollback, [], false)]).catch(() => undefined);
  }
}

/** Runs the work, then COMMIT, or ROLLBACK when it or a statement failed. */
export async function runTransaction<T>(transaction: Transaction, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    const result = await work(transaction);
    await transaction.commit();
    return result;
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}
