import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { createTxtResolver } from './txt-resolver.js';

/** A name server (RFC 1035) that knows one name, has no other, and never answers for the third. */
async function nameServer(t: Tap): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const question = query.subarray(12, query.length);
    const end = question.indexOf(0) + 5;
    const name = question.subarray(0, end).toString('latin1');
    if (name.includes('silent')) return;
    const known = name.includes('known');
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
    head.writeUInt16BE(known ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const pieces = [Buffer.from('platen-'), Buffer.from('token')];
    const data = Buffer.concat(pieces.flatMap((piece) => [Buffer.from([piece.length]), piece]));
    // Its name is the question's (a pointer), TXT, IN, for 60 s.
    const record = Buffer.from([0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 60, 0, data.length]);
    const answer = [head, question.subarray(0, end), ...(known ? [record, data] : [])];
    socket.send(Buffer.concat(answer), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}
type Tap = Pick<typeof t, 'teardown'>;

t.test('what the name servers say', async (t) => {
  const servers = [await nameServer(t)];
  const patient = createTxtResolver({ servers, timeoutMs: 30_000 });
  t.same(await patient.resolveTxt('_platen-verification.known.com'), ['platen-token'], 'pieces are one text');
  t.same(await patient.resolveTxt('_platen-verification.other.com'), [], 'no such name');
  const hasty = createTxtResolver({ servers, timeoutMs: 100 });
  await t.rejects(hasty.resolveTxt('_platen-verification.silent.com'), 'nobody could tell');
});
