// The process that `npm test` starts for several files; see test-files.mjs.
import { runTestFiles } from './test-files.mjs';

const { files, timeoutMs } = JSON.parse(process.env.TEST_FILES);
// A name that the bundler cannot follow: every file is a bundle of its own.
await runTestFiles(files, (name) => import(`${process.env.TEST_BUNDLES}/${name}`), timeoutMs);
