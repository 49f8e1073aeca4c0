import { randomBytes } from 'node:crypto';
import { createAccessVerifier } from '@platen/chassis/auth/principals';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { patient } from '@platen/chassis/testkit/patient';
import { until } from '@platen/chassis/testkit/until';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { issuer, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { createKeyring } from './keyring.js';
import { createTextCipher, deriveKey } from './private-key-cipher.js';
import { keySweep } from './retire-sweep.js';
import { type Author, createKeyService, type Write } from './service.js';

const author: Author = {
  principal: null,
  ip: null,
  correlationId: 'test-correlation',
  newId: () => uuidv7(),
  actor: { type: 'system', id: null },
};

/** The service over the plane's own database, with the plane's own cipher. */
function keysOf(plane: TestControlPlane) {
  const cipher = createTextCipher(deriveKey(plane.keyEncryptionKey, 'signing-keys'));
  const write: Write = (work) => plane.platformDb.transaction(work);
  return { cipher, write, service: createKeyService({ cipher }) };
}

/** By default as one that goes on reporting for the hour: one that is silent for 30 s passes for gone. */
const report = (plane: TestControlPlane, id: string, keyIds: readonly string[], ageSeconds = -3_600) =>
  plane.sql(
    `insert into platform_instances (id, kind, last_seen_at, feed_position, key_ids)
     values ($1, 'data-plane', now() - make_interval(secs => $3::int), 1, $2)
     on conflict (id) do update set key_ids = excluded.key_ids, last_seen_at = excluded.last_seen_at`,
    [id, keyIds, ageSeconds],
  );

const jwks = async (plane: TestControlPlane): Promise<string[]> => {
  const answer = await plane.browser().call('GET', '/.well-known/jwks.json');
  return (answer.json() as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
};

/** The plane itself is one of the instances that have to hold the key. */
const heldByPlanes = (plane: TestControlPlane, kid: string) =>
  until(async () => {
    const rows = await plane.sql<{ held: string }>(
      `select ($1 = any(key_ids)) as held from platform_instances where kind = 'control-plane'`,
      [kid],
    );
    return rows.length > 0 && rows.every(({ held }) => held === 't');
  });

const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;

async function signIn(plane: TestControlPlane): Promise<string> {
  const browser = plane.browser();
  await browser.signIn('sales@acme.test');
  return browser.cookies.get('platen_at') ?? '';
}

t.test('a key is used when every live instance holds it, and not before', async (t) => {
  const plane = await startControlPlane(t);
  const { service, write } = keysOf(plane);
  const oldToken = await signIn(plane);
  await t.rejects(service.activateKey(author, write), { code: 'not_found' }, 'nothing is published');
  const [live, away] = [uuidv7(), uuidv7()];
  await report(plane, live, [kidOf(oldToken)]);
  await report(plane, away, [], 31);

  const next = await service.publishKey(author, write);
  t.match(next, { status: 'next', activated_at: null });
  t.same(
    next.not_held_by.find(({ id }) => id === live),
    { id: live, kind: 'data-plane' },
  );
  await t.rejects(service.publishKey(author, write), { code: 'illegal_transition' }, 'one at a time');
  await heldByPlanes(plane, next.kid);
  t.same((await jwks(plane)).sort(), [kidOf(oldToken), next.kid].sort(), 'it is in the key set');
  t.equal(kidOf(await signIn(plane)), kidOf(oldToken), 'and signs nothing');

  await t.rejects(service.activateKey(author, write), {
    code: 'keys_not_held',
    extensions: { instances: [{ id: live, kind: 'data-plane' }] },
  });
  await report(plane, live, [kidOf(oldToken), next.kid]);
  t.match(await service.activateKey(author, write), { kid: next.kid, status: 'active', not_held_by: [] });
  await until(async () => kidOf(await signIn(plane)) === next.kid);
  t.match(await service.listKeys(plane.platformDb), [
    { kid: next.kid, status: 'active' },
    { kid: kidOf(oldToken), status: 'retiring', retires_at: /Z$/ },
  ]);
  const session = await plane
    .browser()
    .call('GET', '/api/auth/session', undefined, { cookie: `platen_at=${oldToken}` });
  t.equal(session.statusCode, 200, 'the old token still holds');

  t.equal(await plane.platformDb.transaction((tx) => keySweep.deleteSome(tx, 10)), 0, 'not due yet');
  await plane.sql(`update platform_signing_keys set retires_at = now() - interval '1 ms' where status = 'retiring'`);
  t.equal(await plane.platformDb.transaction((tx) => keySweep.deleteSome(tx, 10)), 1);
  await until(async () => (await jwks(plane)).length === 1);
  const [retired] = await plane.sql<{ status: string; secret: string }>(
    'select status, private_key_encrypted as secret from platform_signing_keys where kid = $1',
    [kidOf(oldToken)],
  );
  t.same(retired, { status: 'retired', secret: '' }, 'its private part is erased');
  const actions = await plane.sql<{ action: string }>(
    `select action from audit_events where tenant_id is null and action like 'signing_key.%' order by seq`,
  );
  t.same(
    actions.map(({ action }) => action),
    ['signing_key.publish', 'signing_key.retire', 'signing_key.activate', 'signing_key.retire'],
  );
});

t.test('revoking the active key: a held next one takes over, else a new one at once', async (t) => {
  const plane = await startControlPlane(t);
  const { service, write } = keysOf(plane);
  const first = await signIn(plane);
  const refusedWith = async (token: string) => {
    const answer = await plane.browser().call('GET', '/api/auth/session', undefined, { cookie: `platen_at=${token}` });
    return answer.statusCode === 200 ? 'accepted' : (answer.json() as { code: string }).code;
  };
  t.match(await service.revokeKey(author, write, kidOf(first)), { status: 'revoked', not_held_by: [] });
  await until(async () => (await refusedWith(first)) === 'token_invalid');
  t.notOk((await jwks(plane)).includes(kidOf(first)));
  const second = await signIn(plane);
  t.not(kidOf(second), kidOf(first), 'a new key signs');
  await t.rejects(service.revokeKey(author, write, kidOf(first)), { code: 'illegal_transition' });
  await t.rejects(service.revokeKey(author, write, 'nobody'), { code: 'not_found' });

  const next = await service.publishKey(author, write);
  const lagging = uuidv7();
  await report(plane, lagging, []);
  await heldByPlanes(plane, next.kid);
  await service.revokeKey(author, write, kidOf(second));
  await until(async () => (await refusedWith(second)) === 'token_invalid');
  const third = await signIn(plane);
  t.not(kidOf(third), next.kid, 'the next key is not held by everybody');
  await report(plane, lagging, [next.kid]);
  await service.revokeKey(author, write, kidOf(third));
  await until(async () => (await refusedWith(third)) === 'token_invalid');
  t.equal(kidOf(await signIn(plane)), next.kid, 'now it is');
  const [left] = await plane.sql<{ secrets: string }>(
    `select count(*) as secrets from platform_signing_keys where status = 'revoked' and private_key_encrypted <> ''`,
  );
  t.equal(left?.secrets, '0');
});

t.test('two who publish, rotate or revoke at once: one key is active, and the other is told', async (t) => {
  const plane = await startControlPlane(t);
  const { service, write } = keysOf(plane);
  const published = await Promise.allSettled([1, 2, 3].map(() => service.publishKey(author, write)));
  t.equal(published.filter(({ status }) => status === 'fulfilled').length, 1);
  const next = (await service.listKeys(plane.platformDb)).find(({ status }) => status === 'next');
  await heldByPlanes(plane, next?.kid ?? '');
  const active = (await service.listKeys(plane.platformDb)).find(({ status }) => status === 'active');
  await Promise.allSettled([
    service.activateKey(author, write),
    service.activateKey(author, write),
    service.revokeKey(author, write, active?.kid ?? ''),
    service.revokeKey(author, write, next?.kid ?? ''),
  ]);
  const keys = await service.listKeys(plane.platformDb);
  t.equal(keys.filter(({ status }) => status === 'active').length, 1);
});

t.test('a control plane that cannot open the next key does not say that it holds it', async (t) => {
  const plane = await startControlPlane(t);
  const { service, write } = keysOf(plane);
  const active = kidOf(await signIn(plane));
  const strange = createTextCipher(deriveKey(randomBytes(32).toString('base64'), 'signing-keys'));
  const next = await createKeyService({ cipher: strange }).publishKey(author, write);
  await until(async () => (await jwks(plane)).includes(next.kid));
  const keyring = createKeyring({ db: plane.platformDb, cipher: keysOf(plane).cipher });
  await keyring.load();
  t.same(keyring.heldKeyIds(), [active]);
  await t.rejects(service.activateKey(author, write), { code: 'keys_not_held' });
});

t.test('keyring: one look at a time, and the last one wins', async (t) => {
  const plane = await startControlPlane(t);
  const { cipher } = keysOf(plane);
  const slow = systemDatabase({ ...patient, name: 'slow', url: plane.database.platformUrl, poolSize: 4 });
  t.teardown(() => slow.close());
  let looks = 0;
  const held: (() => void)[] = [];
  const keyring = createKeyring({
    db: {
      async query(declared, values) {
        looks += 1;
        const rows = await slow.query(declared, values);
        await new Promise<void>((resolve) => held.push(resolve));
        return rows;
      },
    },
    cipher,
  });
  const release = async () => {
    await until(async () => held.length > 0);
    for (const free of held.splice(0)) free();
  };
  const first = keyring.load();
  await until(async () => held.length > 0);
  const later = [keyring.load(), keyring.load(), keyring.load()];
  await release();
  await first;
  const before = keyring.current();
  await release();
  await Promise.all(later);
  t.equal(looks, 2, 'three calls meanwhile share one look');
  t.equal(keyring.current(), before, 'the same keys are the same list: nothing verified is forgotten');
  const verifier = createAccessVerifier({ keys: keyring, issuer });
  t.equal((await verifier.verify(await signIn(plane), Date.now())).kind, 'user');
});
