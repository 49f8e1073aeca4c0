import type { Circuit } from './circuit.js';
import { fromServer, unavailable } from './errors.js';
import { FairQueue } from './fair-queue.js';
import type { Step } from './wire/exchange.js';
import { Wire, type WireOptions } from './wire/wire.js';

type Done = (error: Error | undefined) => void;

interface Waiting {
  readonly steps: readonly Step[];
  readonly done: Done;
}

export interface PipelinedLaneOptions {
  readonly connections: number;
  /** Exchanges on the wire of one connection; what is beyond waits in turns by tenant. */
  readonly depth: number;
  readonly maxWaiting: number;
  readonly maxWaitingPerTenant: number;
  readonly waitTimeoutMs: number;
  readonly wire: WireOptions;
}

/** A few connections shared by everyone: short reads, each in one Sync with its scope. */
export class PipelinedLane {
  private readonly options: PipelinedLaneOptions;
  private readonly circuit: Circuit;
  private readonly queue: FairQueue<Waiting>;
  private readonly wires: Wire[] = [];
  private readonly opening = new Set<Promise<void>>();
  private connecting = 0;
  private closed = false;

  constructor(options: PipelinedLaneOptions, circuit: Circuit) {
    this.options = options;
    this.circuit = circuit;
    this.queue = new FairQueue(options.maxWaiting, options.maxWaitingPerTenant);
  }

  run(tenantId: string, steps: readonly Step[], done: Done): void {
    const wire = this.freest();
    if (wire !== undefined && this.queue.size === 0 && wire.pending < this.options.depth) {
      if (wire.pending > 0 && this.wires.length + this.connecting < this.options.connections) this.connect();
      wire.send(steps, done);
      return;
    }
    this.wait(tenantId, { steps, done });
  }

  private wait(tenantId: string, waiting: Waiting): void {
    if (this.closed) {
      waiting.done(unavailable('closed'));
      return;
    }
    if (this.wires.length === 0 && this.connecting === 0 && !this.circuit.admits) {
      waiting.done(unavailable('circuit open'));
      return;
    }
    if (!this.queue.push(tenantId, waiting, performance.now() + this.options.waitTimeoutMs)) {
      waiting.done(unavailable('too much is waiting'));
      return;
    }
    if (this.wires.length + this.connecting < this.options.connections) this.connect();
  }

  private freest(): Wire | undefined {
    let best: Wire | undefined;
    for (const wire of this.wires) if (best === undefined || wire.pending < best.pending) best = wire;
    return best;
  }

  private connect(): void {
    if (!this.circuit.admits) return;
    const opening: Promise<void> = this.open().finally(() => this.opening.delete(opening));
    this.opening.add(opening);
  }

  private async open(): Promise<void> {
    this.connecting += 1;
    try {
      const wire = await this.circuit.attempt(() => Wire.connect(this.options.wire));
      this.connecting -= 1;
      if (this.closed) await wire.end();
      else if (wire.closed) this.refuseIfAlone(unavailable('connection closed'));
      else this.add(wire);
    } catch (error) {
      this.connecting -= 1;
      this.refuseIfAlone(fromServer(error));
    }
  }

  private add(wire: Wire): void {
    this.wires.push(wire);
    wire.onReady = () => this.drain(wire);
    wire.onClosed = (reason) => this.remove(wire, reason);
    this.drain(wire);
  }

  /** Nothing is there, or on its way, that could serve who waits. */
  private refuseIfAlone(error: Error): void {
    if (this.wires.length === 0 && this.connecting === 0) this.refuseWaiting(error);
  }

  private remove(wire: Wire, reason: Error): void {
    const at = this.wires.indexOf(wire);
    if (at >= 0) this.wires.splice(at, 1);
    if (this.queue.size === 0 || this.wires.length + this.connecting > 0) return;
    if (this.circuit.admits) this.connect();
    else this.refuseWaiting(reason);
  }

  private drain(wire: Wire): void {
    // Every exchange is a transaction of its own; one that is left open would carry a scope into the next.
    if (wire.status !== 'I') {
      wire.destroy(unavailable('a statement left its transaction open'));
      return;
    }
    while (this.queue.size > 0 && !wire.closed && wire.pending < this.options.depth) {
      const next = this.queue.shift();
      if (next === undefined) return;
      wire.send(next.item.steps, next.item.done);
    }
  }

  private refuseWaiting(error: Error): void {
    for (const { done } of this.queue.drain()) done(error);
  }

  /** true: a connection stalled, and was destroyed. */
  sweep(now: number): boolean {
    for (const { done } of this.queue.expire(now)) done(unavailable('waited too long'));
    return [...this.wires].filter((wire) => wire.checkStall(now)).length > 0;
  }

  /** Gives up what stands idle, and may be as dead as one that has just stalled. */
  dropIdle(): void {
    for (const wire of [...this.wires]) if (wire.pending === 0) wire.destroy(unavailable('another connection stalled'));
  }

  state(): { connections: number; inFlight: number; waiting: number } {
    const inFlight = this.wires.reduce((sum, wire) => sum + wire.pending, 0);
    return { connections: this.wires.length, inFlight, waiting: this.queue.size };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.refuseWaiting(unavailable('closed'));
    await Promise.all([...this.opening, ...this.wires.splice(0).map((wire) => wire.end())]);
  }
}
