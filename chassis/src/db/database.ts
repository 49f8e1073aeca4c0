import type { CircuitState } from './circuit.js';
import { type DatabaseOptions, type Deadlines, openLanes } from './lanes.js';
import { ScopedDatabase } from './scoped-database.js';
import { type DbStats, noStats, type Scope, type ScopedDb } from './types.js';

export interface DatabaseState {
  readonly name: string;
  readonly circuit: CircuitState;
  readonly pipelined: { readonly connections: number; readonly inFlight: number; readonly waiting: number };
  readonly leased: {
    readonly connections: number;
    readonly idle: number;
    readonly leased: number;
    readonly waiting: number;
  };
}

/** One physical database. Connections are opened on first use. */
export interface Database {
  readonly name: string;
  scoped(scope: Scope, stats?: DbStats): ScopedDb;
  state(): DatabaseState;
  /** Refuses new work, waits for what runs, says goodbye. */
  close(): Promise<void>;
}

export function openDatabase(options: DatabaseOptions): Database {
  const lanes = openLanes(options);
  return {
    name: options.name,
    scoped: (scope, stats = noStats()) => new ScopedDatabase(lanes, scope, stats),
    state: () => ({
      name: options.name,
      circuit: lanes.circuit.state,
      pipelined: lanes.pipelined.state(),
      leased: lanes.leased.state(),
    }),
    close: () => lanes.close(),
  };
}

export type { DatabaseOptions, Deadlines };
