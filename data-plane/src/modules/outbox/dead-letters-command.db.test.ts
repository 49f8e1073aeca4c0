import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { implementSite } from '@platen/chassis/http/implement';
import { createInternalServer } from '@platen/chassis/http/server';
import { token } from '@platen/schema/contracts/internal/token';
import { type Test, test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type OutboxPlane, type OutboxTestDatabase, readRows, startOutboxPlane } from './plane.fixture.js';

const topic = 'erp.quote';
const consumer = 'erp-worker';
const root = new URL('../../../../', import.meta.url);
// A test run bundles it, for its many starts.
const command = path.join(process.env['TEST_BUNDLES'] ?? '', 'workers/erp-worker/dist/commands/dead-letters/main.js');

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command as it is run, against an endpoint that gives tokens and a plane with letters. */
async function openCommand(t: Test, plane: OutboxPlane): Promise<(words: readonly string[]) => Promise<Said>> {
  const issuing = createInternalServer({
    log: plane.log,
    production: false,
    readiness: () => ({ ready: true, dependencies: {} }),
    contracts: [token.issue],
    implementations: [
      implementSite(token.issue, async () => ({
        access_token: plane.serviceToken(),
        token_type: 'Bearer' as const,
        expires_in: 3600,
        scope: 'outbox',
      })),
    ],
    verifier: { verify: () => Promise.reject(new Error('nobody asks')) },
  });
  const url = await issuing.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => issuing.close());
  return async (words) => {
    const child = spawn(process.execPath, [command, ...words], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        NODE_ENV: 'test',
        CONTROL_INTERNAL_URL: url,
        DATA_INTERNAL_URL: plane.baseUrl,
        SERVICE_CLIENT_SECRET: 'a-secret-of-the-test',
      },
    });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { out, err, code };
  };
}

/** A dead letter, and one behind it. */
async function parkTwo(plane: OutboxPlane, database: OutboxTestDatabase): Promise<string> {
  const aggregateId = uuidv7();
  await database.publish([1, 2].map((ordinal) => ({ aggregateId, ordinal })));
  const { outbox } = plane.client();
  const { batches } = await outbox.pull({ consumer: `c${aggregateId.slice(-12)}`, topic, owner: uuidv7() });
  const [batch] = batches;
  const ours = batch?.events.filter(({ key }) => key.endsWith(aggregateId)) ?? [];
  await outbox.park({
    source: batch?.source ?? '',
    consumer,
    topic,
    events: ours.map(({ event }, index) => ({
      event_id: event.id,
      tenant_id: event.tenantid,
      attempts: index === 0 ? 8 : 0,
      error: 'Error: no\nluck',
      retry_after_ms: null,
    })),
  });
  return ours[0]?.event.id ?? '';
}

test('the worked example of docs/operations.md', async (t) => {
  const plane = await startOutboxPlane(t);
  const [database] = plane.databases;
  if (!database) throw new Error('a plane has a database');
  const run = await openCommand(t, plane);
  const eventId = await parkTwo(plane, database);
  const page = await readFile(new URL('docs/operations.md', root), 'utf8');
  const lines = page.split('\n').filter((line) => line.startsWith('npm run dead-letters -- '));
  const words = lines.map((line) =>
    line.replaceAll('01930000-0000-7000-8004-000000000001', eventId).split(' ').slice(4),
  );
  t.same(
    words.map(([command]) => command),
    ['list', 'show', 'replay', 'replay', 'drop'],
  );
  const said: Said[] = [];
  for (const line of words) said.push(await run(line));
  const [list, show, replay, replayAll, drop] = said;
  t.same(
    said.map(({ code }) => code),
    [0, 0, 0, 0, 0],
    said.map(({ err }) => err).join(''),
  );
  t.match(list?.out, /data +erp-worker +dead +8 .*erp\.quote\.accepted/);
  t.match(list?.out, / {4}Error: no luck/, 'what was said, on one line');
  t.match(list?.err, /^1 letter$/m);
  t.match(JSON.parse(show?.out ?? ''), { event_id: eventId, followers: 1, event: { data: { number: '1' } } });
  t.equal(replay?.out, '1 replayed\n');
  t.match(replayAll?.out, /1 replayed\n1 left: their turn comes after/);
  t.equal(drop?.out, '1 dropped\n');
  t.match(
    await readRows(database, 'select attempts, retry_at is not null as due from outbox_dead_letters'),
    [{ attempts: 0, due: true }],
    'what followed is due',
  );
});

test('wrong words, nobody to ask, nothing found, a plane that is away', async (t) => {
  const plane = await startOutboxPlane(t);
  const [database] = plane.databases;
  if (!database) throw new Error('a plane has a database');
  const run = await openCommand(t, plane);
  await parkTwo(plane, database);
  const dropAll = ['drop', '--plane', 'data', '--consumer', consumer];
  const [nothing, unasked, unknown, both] = await Promise.all([
    run(['drop']),
    run(dropAll),
    run([...dropAll, '--tenant', uuidv7(), '--yes']),
    run(['list', '--json']),
  ]);
  t.match(nothing, { code: 2, err: /drop takes a --consumer, a --key or an --event/ });
  t.match(unasked, { code: 2, err: /takes --yes/ });
  t.match(unknown, { code: 3, err: /nothing like that/ });
  t.match(both, { code: 1, err: /the control plane: / }, 'what the other plane has is shown all the same');
  t.equal(both.out.trim().split('\n').length, 2);
  t.match(await run([...dropAll, '--yes', '--json']), { code: 0, out: /"outcome":"dropped"/ });
  t.same(await readRows(database, 'select event_id from outbox_dead_letters'), []);
});
