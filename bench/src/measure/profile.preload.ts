/** Loaded before a service with `--profile`: writes a CPU profile of the whole process when it ends. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: 500 });
session.post('Profiler.start');
process.once('exit', () => {
  session.post('Profiler.stop', (_error, { profile }) => {
    const [service] = /[\w-]+(?=\/dist\/main\.js$)/.exec(process.argv[1] ?? '') ?? ['service'];
    writeFileSync(`${process.env['BENCH_PROFILE_DIR']}/${service}-${process.pid}.cpuprofile`, JSON.stringify(profile));
  });
});
