import pg from 'pg';
import { fromServer } from '../errors.js';
import { rowMaker, type ToRow } from '../rows.js';
import type { Statement } from '../types.js';

/** A statement as one connection knows it. */
export class Prepared {
  readonly serverName: string;
  readonly statement: Statement<unknown>;
  toRow: ToRow | undefined;

  constructor(serverName: string, statement: Statement<unknown>) {
    this.serverName = serverName;
    this.statement = statement;
  }
}

/** One statement of an exchange: what goes out and what came back. */
export class Step {
  readonly statement: Statement<unknown>;
  readonly values: readonly (string | null)[];
  readonly rows: unknown[] | undefined;
  prepared: Prepared | undefined;
  /** True from the Parse sent to its ParseComplete. */
  parsing = false;
  /** The command tag, e.g. `COMMIT`. */
  tag = '';

  constructor(statement: Statement<unknown>, values: readonly (string | null)[], collect: boolean) {
    this.statement = statement;
    this.values = values;
    this.rows = collect ? [] : undefined;
  }
}

/** The connection, as far as an exchange needs it. */
export interface ExchangeHost {
  encode(steps: readonly Step[]): void;
  /** The server has confirmed its Parse. */
  keep(prepared: Prepared): void;
  forgetIfStale(prepared: Prepared, error: unknown): void;
}

interface Field {
  readonly name: string;
}

/**
 * Some statements and one Sync: outside BEGIN one implicit transaction, all or nothing. It is settled by its ReadyForQuery,
 * never earlier, so that whoever awaits it knows in which state the connection is.
 *
 * `pg` gives each answer to the query whose turn it is and, in pipeline mode, takes only instances of its own Query. That
 * class's constructor prepares much that is of no use here, so this one inherits the prototype (below) and not the
 * constructor. `name` stays unset: `pg` would keep its own record of prepared statements by it.
 */
export class Exchange {
  readonly steps: readonly Step[];
  readonly done: (error: Error | undefined) => void;
  error: Error | undefined;
  private readonly host: ExchangeHost;
  private at = 0;

  constructor(host: ExchangeHost, steps: readonly Step[], done: (error: Error | undefined) => void) {
    this.host = host;
    this.steps = steps;
    this.done = done;
  }

  submit(): null {
    this.host.encode(this.steps);
    return null;
  }

  parsed(): void {
    for (const step of this.steps) {
      if (!step.parsing || step.prepared === undefined) continue;
      step.parsing = false;
      this.host.keep(step.prepared);
      return;
    }
  }

  handleRowDescription(message: { fields: readonly Field[] }): void {
    const prepared = this.steps[this.at]?.prepared;
    if (prepared === undefined) return;
    prepared.toRow = rowMaker(
      prepared.statement,
      message.fields.map((field) => field.name),
    );
  }

  handleDataRow(message: { fields: readonly (string | null)[] }): void {
    const step = this.steps[this.at];
    const rows = step?.rows;
    const toRow = step?.prepared?.toRow;
    // A statement that returns rows was described when it was prepared.
    if (rows === undefined || toRow === undefined || this.error !== undefined) return;
    try {
      rows.push(toRow(message.fields));
    } catch (error) {
      // Thrown by a column parser; out of here it would end the process.
      this.error = error instanceof Error ? error : new Error(String(error));
    }
  }

  handleCommandComplete(message: { text: string }): void {
    const step = this.steps[this.at];
    if (step !== undefined) step.tag = message.text;
    this.at += 1;
  }

  handleEmptyQuery(): void {
    this.at += 1;
  }

  handleError(error: unknown): void {
    const step = this.steps[this.at];
    this.error ??= fromServer(error, step?.statement.name);
    if (step?.prepared !== undefined && !step.parsing) this.host.forgetIfStale(step.prepared, this.error);
  }

  handleReadyForQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(connection: { sendCopyFail(reason: string): void }): void {
    connection.sendCopyFail('COPY is not supported here');
  }
  handleCopyData(): void {}
}

Object.setPrototypeOf(Exchange.prototype, pg.Query.prototype);
