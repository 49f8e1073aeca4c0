import { processIo, runBackup } from './run-command.js';

/** `npm run tenant:backup`. */
process.exitCode = await runBackup(process.argv.slice(2), processIo);
