import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import t from 'tap';
import { watchArrivals } from './arrivals.js';

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
