// What the files of TEST_FILES have in common when `npm test` runs them in one process: started, read and made fast once, which
// for a short file is most of what it takes. In the bundles this is also what every test imports as `tap`: what a file believes
// to be the root of its process is a subtest that has the file's name, with the file's own teardowns, plan and time-out.
import { t as root } from 'tap';

let file = root;

/** Tests ask for what the root has when they need it; a helper that two files share asks for the file that runs. */
const t = new Proxy(root, {
  get: (_, name) => {
    const value = file[name];
    return typeof value === 'function' ? value.bind(file) : value;
  },
  set: (_, name, value) => Reflect.set(file, name, value),
});

export default t;
export const test = (...given) => file.test(...given);

/** One after the other, each with the environment that the process began with. */
export async function runTestFiles(files, importFile, timeoutMs) {
  const environment = { ...process.env };
  for (const name of files) {
    // For what a file may have of its own once.
    process.env.TEST_FILE = name;
    await root.test(name, { timeout: timeoutMs }, async (subtest) => {
      file = subtest;
      await importFile(name);
    });
    file = root;
    for (const key of Object.keys(process.env)) if (!(key in environment)) delete process.env[key];
    Object.assign(process.env, environment);
  }
}
