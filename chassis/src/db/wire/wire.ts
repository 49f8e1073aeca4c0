import pg from 'pg';
import { fromServer, isStalePlan, unavailable } from '../errors.js';
import { Exchange, type ExchangeHost, Prepared, type Step } from './exchange.js';
import { Outbox } from './outbox.js';

export interface WireOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  /** Without an answer for this long while something is in flight, the connection is given up (black-holed link). */
  readonly stallTimeoutMs: number;
  /** Server settings of the session, sent at start-up. */
  readonly settings: Readonly<Record<string, string>>;
}

/** `pg` says ReadyForQuery's status: idle, in a transaction, in a failed one. */
export type Status = 'I' | 'T' | 'E';

const endGraceMs = 1_000;

const startupOptions = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`)
    .join(' ');

/**
 * One connection, pipelined: exchanges are answered in the order they were sent, and each is settled exactly once, by its
 * ReadyForQuery or by the end of the connection.
 */
export class Wire implements ExchangeHost {
  status: Status = 'I';
  /** The connection is gone. */
  closed = false;
  /** When the last answer came, or the first of what is in flight was sent. */
  progressAt = performance.now();
  onReady: (() => void) | undefined;
  onClosed: ((reason: Error) => void) | undefined;

  private readonly client: pg.Client;
  private readonly stallTimeoutMs: number;
  private readonly outbox = new Outbox();
  private readonly prepared = new Map<string, Prepared>();
  private readonly orphans: string[] = [];
  private readonly inFlight: Exchange[] = [];
  private serverNames = 0;
  private flushScheduled = false;
  private ending = false;

  private constructor(client: pg.Client, stallTimeoutMs: number) {
    this.client = client;
    this.stallTimeoutMs = stallTimeoutMs;
  }

  static async connect(options: WireOptions): Promise<Wire> {
    const client = new pg.Client({
      connectionString: options.url,
      pipeline: true,
      application_name: options.applicationName,
      connectionTimeoutMillis: options.connectTimeoutMs,
      keepAlive: true,
      options: startupOptions(options.settings),
    });
    const wire = new Wire(client, options.stallTimeoutMs);
    client.on('error', (error) => wire.fail(fromServer(error)));
    client.on('end', () => wire.fail(unavailable('connection closed')));
    client.connection.on('parseComplete', () => wire.inFlight[0]?.parsed());
    try {
      await client.connect();
    } catch (error) {
      client.connection.stream.destroy();
      throw fromServer(error);
    }
    client.connection.on('readyForQuery', (message: { status: Status }) => wire.ready(message.status));
    return wire;
  }

  get pending(): number {
    return this.inFlight.length;
  }

  /** Never throws; `done` gets the error of the first step that failed. */
  send(steps: readonly Step[], done: (error: Error | undefined) => void): void {
    if (this.closed || this.ending) {
      done(unavailable('connection closed'));
      return;
    }
    const exchange = new Exchange(this, steps, done);
    if (this.inFlight.length === 0) this.progressAt = performance.now();
    this.inFlight.push(exchange);
    // pg's types know Query only as the class that Exchange takes the prototype of.
    this.client.query(exchange as unknown as pg.Query);
  }

  run(steps: readonly Step[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.send(steps, (error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  encode(steps: readonly Step[]): void {
    const { outbox } = this;
    while (this.orphans.length > 0) outbox.closeStatement(this.orphans.pop() as string);
    for (let i = 0; i < steps.length; i += 1) {
      const step = steps[i] as Step;
      const prepared = this.prepared.get(step.statement.name) ?? this.prepare(step, steps.slice(0, i));
      step.prepared = prepared;
      outbox.run(prepared.serverName, step.values);
    }
    outbox.sync();
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    // After the promise callbacks of this turn: statements that they issue travel in the same write.
    process.nextTick(() => this.flush());
  }

  /**
   * Until the server has confirmed a Parse, each exchange sends its own under a fresh name. None depends on another's, so a
   * Parse that fails costs only its own exchange.
   */
  private prepare(step: Step, earlier: readonly Step[]): Prepared {
    const same = earlier.find((other) => other.statement.name === step.statement.name)?.prepared;
    if (same !== undefined) return same;
    this.serverNames += 1;
    const prepared = new Prepared(`s${this.serverNames.toString(36)}`, step.statement);
    this.outbox.parse(prepared.serverName, step.statement.text);
    this.outbox.describeStatement(prepared.serverName);
    step.parsing = true;
    return prepared;
  }

  keep(prepared: Prepared): void {
    const { name } = prepared.statement;
    if (this.prepared.has(name)) this.orphans.push(prepared.serverName);
    else this.prepared.set(name, prepared);
  }

  forgetIfStale(prepared: Prepared, error: unknown): void {
    if (!isStalePlan(error) || this.prepared.get(prepared.statement.name) !== prepared) return;
    this.prepared.delete(prepared.statement.name);
    this.orphans.push(prepared.serverName);
  }

  /** Called from time to time by the lane; a stalled connection is destroyed. */
  checkStall(now: number): boolean {
    const stalled = this.inFlight.length > 0 && now - this.progressAt > this.stallTimeoutMs;
    if (stalled) this.destroy(unavailable('no answer in time'));
    return stalled;
  }

  destroy(reason: Error): void {
    this.client.connection.stream.destroy();
    this.fail(reason);
  }

  /** Orderly: takes nothing new, lets what is in flight finish (it has a second), says goodbye to the server. */
  async end(): Promise<void> {
    if (this.closed || this.ending) return;
    this.ending = true;
    const impatient = setTimeout(() => this.client.connection.stream.destroy(), endGraceMs);
    await this.client.end().catch(() => undefined);
    clearTimeout(impatient);
  }

  private flush(): void {
    this.flushScheduled = false;
    const bytes = this.outbox.take();
    if (!this.closed) this.client.connection.stream.write(bytes);
  }

  private ready(status: Status): void {
    this.status = status;
    this.progressAt = performance.now();
    const exchange = this.inFlight.shift();
    if (exchange === undefined) {
      this.destroy(unavailable('an answer nobody asked for'));
      return;
    }
    exchange.done(exchange.error);
    this.onReady?.();
  }

  private fail(reason: Error): void {
    if (this.closed) return;
    this.closed = true;
    for (const exchange of this.inFlight.splice(0)) exchange.done(exchange.error ?? reason);
    this.onClosed?.(reason);
  }
}
