import { readTemplate, renderProxy } from './render.js';

// `npm run proxy:config`: the configuration, of the variables in the environment.
try {
  process.stdout.write(renderProxy(readTemplate(), process.env));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
