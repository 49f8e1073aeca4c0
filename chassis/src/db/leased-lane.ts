import type { Circuit } from './circuit.js';
import { fromServer, unavailable } from './errors.js';
import { FairQueue } from './fair-queue.js';
import { Wire, type WireOptions } from './wire/wire.js';

export interface LeasedLaneOptions {
  readonly connections: number;
  /** Connections one tenant may hold while others wait, and beyond which it leaves the last free one alone. */
  readonly perTenant: number;
  readonly maxWaiting: number;
  readonly maxWaitingPerTenant: number;
  readonly waitTimeoutMs: number;
  /** A lease that lasts longer is taken away: its connection is destroyed. */
  readonly leaseTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly wire: WireOptions;
}

/** A connection for one unit of work at a time. */
export interface Lease {
  readonly wire: Wire;
  /** Gives it back; what is not idle and answered for is destroyed instead. */
  release(): void;
}

interface Waiter {
  grant(lease: Lease): void;
  refuse(error: Error): void;
}

interface Held {
  readonly tenantId: string;
  readonly since: number;
}

export class LeasedLane {
  private readonly options: LeasedLaneOptions;
  private readonly circuit: Circuit;
  private readonly queue: FairQueue<Waiter>;
  private readonly idle: Wire[] = [];
  private readonly held = new Map<Wire, Held>();
  private readonly heldByTenant = new Map<string, number>();
  private readonly opening = new Set<Promise<void>>();
  private connecting = 0;
  private closed = false;
  private whenReturned: (() => void) | undefined;

  constructor(options: LeasedLaneOptions, circuit: Circuit) {
    this.options = options;
    this.circuit = circuit;
    this.queue = new FairQueue(options.maxWaiting, options.maxWaitingPerTenant);
  }

  lease(tenantId: string): Promise<Lease> {
    return new Promise((grant, refuse) => {
      if (this.closed) {
        refuse(unavailable('closed'));
        return;
      }
      if (this.idle.length + this.held.size + this.connecting === 0 && !this.circuit.admits) {
        refuse(unavailable('circuit open'));
        return;
      }
      const deadline = performance.now() + this.options.waitTimeoutMs;
      if (!this.queue.push(tenantId, { grant, refuse }, deadline)) {
        refuse(unavailable('too much is waiting'));
        return;
      }
      this.serve();
    });
  }

  /** Hands out what is idle; opens a connection where all are busy and the lane is not full. */
  private serve(): void {
    while (this.idle.length > 0 && this.queue.size > 0) {
      const next = this.queue.shift((tenantId) => this.mayLease(tenantId));
      if (next === undefined) return;
      // The most recently used: its plans and the server's caches are warm, and the others may go idle.
      this.hand(this.idle.pop() as Wire, next.tenantId, next.item);
    }
    const total = this.idle.length + this.held.size + this.connecting;
    const wanted = this.queue.size - this.connecting - this.idle.length;
    if (wanted > 0 && total < this.options.connections) this.connect();
  }

  private mayLease(tenantId: string): boolean {
    const held = this.heldByTenant.get(tenantId) ?? 0;
    if (held < this.options.perTenant) return true;
    const free = this.options.connections - this.held.size;
    return free > 1 && !this.queue.hasOther(tenantId);
  }

  private hand(wire: Wire, tenantId: string, waiter: Waiter): void {
    this.held.set(wire, { tenantId, since: performance.now() });
    this.heldByTenant.set(tenantId, (this.heldByTenant.get(tenantId) ?? 0) + 1);
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      this.takeBack(wire);
    };
    waiter.grant({ wire, release });
  }

  private takeBack(wire: Wire): void {
    if (!wire.closed && (wire.status !== 'I' || wire.pending > 0)) wire.destroy(unavailable('given back in mid-work'));
    this.unhold(wire);
    if (this.closed) {
      void wire.end().then(() => this.held.size === 0 && this.whenReturned?.());
      return;
    }
    if (!wire.closed) this.idle.push(wire);
    this.serve();
  }

  private unhold(wire: Wire): void {
    const held = this.held.get(wire);
    if (held === undefined) return;
    this.held.delete(wire);
    const left = (this.heldByTenant.get(held.tenantId) ?? 1) - 1;
    if (left === 0) this.heldByTenant.delete(held.tenantId);
    else this.heldByTenant.set(held.tenantId, left);
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
    wire.onClosed = (reason) => this.lost(wire, reason);
    this.idle.push(wire);
    this.serve();
  }

  /** Those who wait can still be served while another connection works or is on its way. */
  private refuseIfAlone(error: Error): void {
    if (this.idle.length + this.held.size + this.connecting === 0) this.refuseWaiting(error);
  }

  private lost(wire: Wire, reason: Error): void {
    const at = this.idle.indexOf(wire);
    if (at >= 0) this.idle.splice(at, 1);
    // A held one counts until its holder has noticed and released it.
    if (this.idle.length + this.held.size + this.connecting === 0 && !this.circuit.admits) this.refuseWaiting(reason);
    else this.serve();
  }

  private refuseWaiting(error: Error): void {
    for (const waiter of this.queue.drain()) waiter.refuse(error);
  }

  /** true: a connection stalled, and was destroyed. */
  sweep(now: number): boolean {
    let stalled = false;
    for (const waiter of this.queue.expire(now)) waiter.refuse(unavailable('waited too long'));
    for (const [wire, { since }] of [...this.held]) {
      if (now - since > this.options.leaseTimeoutMs) wire.destroy(unavailable('the unit of work took too long'));
      else if (wire.checkStall(now)) stalled = true;
    }
    // Oldest first; the last used stay warm.
    while (this.idle[0] !== undefined && now - this.idle[0].progressAt > this.options.idleTimeoutMs) {
      void this.idle.shift()?.end();
    }
    if (this.queue.size > 0) this.serve();
    return stalled;
  }

  /** Gives up what stands idle, and may be as dead as one that has just stalled. */
  dropIdle(): void {
    for (const wire of [...this.idle]) wire.destroy(unavailable('another connection stalled'));
  }

  state(): { connections: number; idle: number; leased: number; waiting: number } {
    const leased = this.held.size;
    return { connections: this.idle.length + leased, idle: this.idle.length, leased, waiting: this.queue.size };
  }

  /** Refuses what waits; what runs finishes, or runs into its lease's end. */
  async close(): Promise<void> {
    this.closed = true;
    this.refuseWaiting(unavailable('closed'));
    const returned = this.held.size === 0 ? undefined : new Promise<void>((resolve) => (this.whenReturned = resolve));
    await Promise.all([returned, ...this.opening, ...this.idle.splice(0).map((wire) => wire.end())]);
  }
}
