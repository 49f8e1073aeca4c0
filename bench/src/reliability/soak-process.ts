import { runSoak } from '../soak/main.js';

process.exitCode = await runSoak(process.argv.slice(2));
