// The process that `npm test` starts for several files; see test-files.mjs.
import { setFlagsFromString } from 'node:v8';
import { runTestFiles } from './test-files.mjs';

// A fifth of what such a process took was V8 optimizing what then ran no longer; what is really hot still is, a little later.
setFlagsFromString('--interrupt-budget=1000000');

const { files, timeoutMs } = JSON.parse(process.env.TEST_FILES);
// A name that the bundler cannot follow: every file is a bundle of its own.
await runTestFiles(files, (name) => import(`${process.env.TEST_BUNDLES}/${name}`), timeoutMs);
