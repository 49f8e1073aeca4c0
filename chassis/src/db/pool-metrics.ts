import { Gauge, type Registry } from 'prom-client';
import type { DatabaseState } from './database.js';

/** Connections by database, read when somebody asks. */
export function addPoolMetrics(registry: Registry, states: () => readonly DatabaseState[]): void {
  const registers = [registry];
  const labelNames = ['database', 'lane'] as const;
  const waiting = new Gauge({
    name: 'database_waiting',
    help: 'Units of work that wait for a connection, by database and lane',
    labelNames,
    registers,
  });
  const busy = new Gauge({
    name: 'database_busy',
    help: 'What connections are at: statements under way (pipelined), connections in use (leased)',
    labelNames,
    registers,
  });
  new Gauge({
    name: 'database_connections',
    help: 'Open connections by database and lane',
    labelNames,
    registers,
    collect() {
      for (const { name: database, pipelined, leased } of states()) {
        this.set({ database, lane: 'pipelined' }, pipelined.connections);
        this.set({ database, lane: 'leased' }, leased.connections);
        waiting.set({ database, lane: 'pipelined' }, pipelined.waiting);
        waiting.set({ database, lane: 'leased' }, leased.waiting);
        busy.set({ database, lane: 'pipelined' }, pipelined.inFlight);
        busy.set({ database, lane: 'leased' }, leased.leased);
      }
    },
  });
}
