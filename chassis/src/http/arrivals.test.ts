import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import t from 'tap';
import { watchArrivals } from './arrivals.js';
import { Cuts } from './arrivals-cuts.js';

/** What the watch looks at of a request whose body never moves. */
const standing = () =>
  Object.assign(new EventEmitter(), {
    headers: { 'content-length': '1000' },
    socket: { bytesRead: 0 },
    readableLength: 0,
    complete: false,
    destroyed: false,
    // Nothing else of it is asked for.
  }) as unknown as IncomingMessage;

t.test('an upload that was too slow has some time to read why, and no second one to come', async (t) => {
  let nowMs = 0;
  const told = new EventEmitter();
  const server = new EventEmitter();
  const cut = ({ raw }: { raw: IncomingMessage }) => {
    Object.assign(raw, { destroyed: true });
    told.emit('cut', raw);
  };
  // Of a server and a response, its events.
  const arrivals = watchArrivals(server as Server, 1_000, 1, cut, () => nowMs);
  const arrive = (raw: IncomingMessage) => server.emit('request', raw, new EventEmitter() as ServerResponse);
  const alive = setInterval(() => undefined, 1_000);
  t.teardown(() => {
    clearInterval(alive);
    server.emit('close');
  });
  server.emit('listening');
  const [upload, body] = [standing(), standing()];
  arrive(upload);
  arrivals.streams(upload, (reason) => told.emit('stop', reason));
  nowMs = 500;
  arrive(body);
  nowMs = 1_000;
  t.match(await once(told, 'stop'), [{ code: 'request_timeout' }]);
  nowMs = 1_200;
  t.equal((await once(told, 'cut'))[0], upload, 'before the body that began when half of its time was over');
  nowMs = 1_500;
  t.equal((await once(told, 'cut'))[0], body);
});

t.test('those that began together are not all cut at once, but soon', async (t) => {
  let nowMs = 0;
  const bodies = Array.from({ length: 500 }, standing);
  const server = new EventEmitter();
  let [count, atOnce, mostAtOnce] = [0, 0, 0];
  const alive = setInterval(() => undefined, 1_000);
  t.teardown(() => {
    clearInterval(alive);
    server.emit('close');
  });
  await new Promise<void>((resolve) => {
    const cut = ({ raw }: { raw: IncomingMessage }) => {
      Object.assign(raw, { destroyed: true });
      // Others have their turn as soon as it lets go; where this process stood still, the next of its rounds is due at once.
      if (atOnce === 0) queueMicrotask(() => (atOnce = 0));
      atOnce += 1;
      count += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      if (count === bodies.length) resolve();
    };
    watchArrivals(server as Server, 1_000, 1, cut, () => nowMs);
    server.emit('listening');
    for (const raw of bodies) server.emit('request', raw, new EventEmitter() as ServerResponse);
    nowMs = 1_000;
  });
  t.ok(mostAtOnce <= 20, `${mostAtOnce} at once`);
});

t.test('what comes before its turn to be cut is not cut', async (t) => {
  const cuts = new Cuts();
  const [late, later] = [{} as Socket, {} as Socket];
  cuts.add(late, () => t.fail('was there in time'));
  const alive = setInterval(() => undefined, 1_000);
  t.teardown(() => clearInterval(alive));
  await new Promise<void>((resolve) => {
    cuts.add(later, resolve);
    cuts.spare(late);
  });
  t.pass('the one after it was');
});
