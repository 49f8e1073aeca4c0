/** Bare Fastify that answers with what it was sent: what a request costs before anything is done for it. */
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';

const app = fastify({ logger: false });
app.post('/echo', async ({ body }) => body);
await app.listen({ port: 0, host: '127.0.0.1' });
// A TCP server's address is an object.
process.send?.({ url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` });
process.once('disconnect', () => process.exit());
