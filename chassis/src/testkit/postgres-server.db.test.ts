import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const fixture = fileURLToPath(new URL('./postgres-server.fixture.js', import.meta.url));

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

t.test('a server goes with the test run that started it, also when that is killed', async (t) => {
  const child = fork(fixture);
  t.teardown(() => child.kill('SIGKILL'));
  // What the fixture sends.
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  t.ok(await answers(port));
  child.kill('SIGKILL');
  while (await answers(port)) await new Promise((resolve) => setTimeout(resolve, 20));
  t.pass('gone');
});
