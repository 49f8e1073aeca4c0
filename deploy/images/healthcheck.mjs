// The health check inside an image, which has no curl and no shell: exit code 0 when the path answers 200.
//   node healthcheck.mjs <variable with the port> <port without it> <path> [<variable with the address>]
import { get } from 'node:http';

const [portName, port, path, hostName] = process.argv.slice(2);
const listens = (hostName && process.env[hostName]) || '127.0.0.1';
// Who listens everywhere is asked here.
const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listens] ?? listens;

const fail = (why) => {
  process.stderr.write(`${why}\n`);
  process.exit(1);
};
const request = get({ host, port: process.env[portName] || port, path, agent: false, timeout: 4_000 }, (answer) => {
  if (answer.statusCode !== 200) fail(`${path} answers ${answer.statusCode}`);
  process.exit(0);
});
request.once('timeout', () => fail(`${path} does not answer`));
request.once('error', (error) => fail(error.message));
