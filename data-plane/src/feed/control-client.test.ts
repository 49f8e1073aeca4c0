import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createInternalClient, PlatenError } from '@platen/sdk/internal';
import t from 'tap';
import { controlClientOf } from './control-client.js';

t.test(
  'a control plane of the release before, which knows no databases, hears all the same that we live',
  async (t) => {
    const heard: unknown[] = [];
    let refusal = { status: 400, code: 'validation_failed' };
    const server = createServer(async (request, response) => {
      const body = await json(request);
      heard.push(body);
      const isKnown = typeof body === 'object' && body !== null && !('databases' in body);
      response.writeHead(isKnown ? 204 : refusal.status, { 'content-type': 'application/problem+json' });
      response.end(isKnown ? undefined : JSON.stringify(refusal));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    // A listening TCP server has an address with a port.
    const { port } = server.address() as AddressInfo;
    const baseUrl = `http://127.0.0.1:${port}`;
    const client = controlClientOf(
      createInternalClient({ baseUrl, contracts: 'control', token: () => 't', maxTries: 1 }),
    );
    const known = {
      instance_id: '01930000-0000-7000-8000-00000000aaaa',
      kind: 'data-plane' as const,
      feed_position: '1',
      key_ids: [],
    };
    const report = { ...known, databases: { 'erp-1': 'ok' as const } };
    const { signal } = new AbortController();
    await client.report(report, signal);
    t.same(heard, [report, known]);
    refusal = { status: 403, code: 'insufficient_scope' };
    const refused = await client.report(report, signal).catch((error: unknown) => error);
    t.ok(refused instanceof PlatenError && refused.code === 'insufficient_scope', 'any other refusal is one');
    t.equal(heard.length, 3);
  },
);
