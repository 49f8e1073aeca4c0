import t from 'tap';
import { runIsolationTable } from './isolation-table.js';

await runIsolationTable(t, ({ name }) => name.startsWith('telemetry.'));
