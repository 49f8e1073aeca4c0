import { EventEmitter } from 'node:events';
import { RawJson } from '@platen/chassis/http/types';
import { feed } from '@platen/schema/contracts/internal/feed';
import t from 'tap';
import { feedRoutes } from './routes.js';
import type { FeedService } from './service.js';

const signedOut = {
  kind: 'revoked_session',
  tenant_id: '01930000-0000-7000-8003-000000000001',
  session_id: '01930000-0000-7000-8000-000000000001',
  forget_at: '2099-01-01T00:00:00.000Z',
} as const;

t.test('changes are sent as they are: the first sign-out does not wait until a serializer is made', async (t) => {
  const page = { changes: [{ position: '1', entity: signedOut }], position: '1' };
  // Of the service, what the route asks for; of a call, what it reads.
  const service = { listChanges: async () => page } as unknown as FeedService;
  const route = feedRoutes(service).find(({ contract }) => contract === feed.changes);
  const call = { query: { after: '0' }, reply: { raw: new EventEmitter() } };
  const answer = await route?.handler(call as unknown as Parameters<typeof route.handler>[0]);
  t.ok(answer instanceof RawJson);
  t.same(JSON.parse((answer as RawJson).text), page);
});
