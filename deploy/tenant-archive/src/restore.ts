import { processIo, runRestore } from './run-command.js';

/** `npm run tenant:restore`. */
process.exitCode = await runRestore(process.argv.slice(2), processIo);
