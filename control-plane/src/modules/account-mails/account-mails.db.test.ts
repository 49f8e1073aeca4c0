import { createHash, randomBytes } from 'node:crypto';
import { tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { serviceSecrets, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { createTextCipher, deriveKey } from '../keys/index.js';
import { createAccountMails, type NewAccountMail } from './queue.js';
import { createAccountMailService } from './service.js';
import { accountMailSweep } from './sweep.js';

const { acme, globex } = tenants;
const [, sales] = acme.users;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const inAnHour = () => new Date(Date.now() + 3_600_000);

/** The module with a key of its own over the plane's database. */
function moduleOf(plane: TestControlPlane, production = false) {
  const cipher = createTextCipher(deriveKey(Buffer.alloc(32, 7).toString('base64'), 'account-mails'));
  const mails = createAccountMails({ cipher });
  const service = createAccountMailService({ db: plane.platformDb, cipher, links: { production, devPort: 4000 } });
  async function queue(mail: Partial<NewAccountMail> & Pick<NewAccountMail, 'kind'>): Promise<string> {
    const ids: string[] = [];
    const ctx = {
      correlationId: 'account-mail-test',
      traceparent: null,
      tenant: acme,
      newId: () => {
        ids.push(uuidv7());
        return ids.at(-1) ?? '';
      },
    };
    await plane.tenantDb
      .scoped({ tenantId: acme.id, organizationId: null, workspaceId: null })
      .transaction(async (tx) =>
        mails.queue(tx, ctx, { to: sales, userId: sales.id, token: null, expiresAt: null, ...mail }),
      );
    return ids[0] ?? '';
  }
  const read = (id: string, tenantId: string = acme.id) => service.readMail(tenantId, id, new Date());
  return { cipher, service, queue, read };
}

async function resetToken(plane: TestControlPlane): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await plane.sql(
    `insert into res_user_tokens (tenant_id, id, user_id, kind, token_hash, expires_at)
     values ($1, $2, $3, 'password_reset', $4, now() + interval '1 hour')`,
    [acme.id, uuidv7(), sales.id, sha256(token)],
  );
  return token;
}

t.test('a queued mail', async (t) => {
  const plane = await startControlPlane(t);
  const { service, queue, read } = moduleOf(plane);
  const token = await resetToken(plane);
  const expiresAt = inAnHour();
  const id = await queue({ kind: 'password_reset', token, expiresAt });

  await t.test('holds the secret encrypted, and bound to itself', async (t) => {
    const [row] = await plane.sql<{ text: string; type: string; key: string; organization_id: string | null }>(
      'select payload::text as text, type, key, organization_id from outbox_events where id = $1',
      [id],
    );
    t.match(row, {
      type: 'platform.user.password_reset_requested',
      key: `${acme.id}:${sales.id}`,
      organization_id: null,
    });
    t.notMatch(row?.text, token);
    t.notMatch(row?.text, sha256(token));
    const other = await queue({ kind: 'password_reset', token, expiresAt });
    await plane.sql(
      `update outbox_events set payload = (select payload from outbox_events where id = $1) where id = $2`,
      [id, other],
    );
    await t.rejects(read(other), /authenticate/, 'the secret of one event fits no other');
  });

  await t.test('tells where its link leads: the primary domain of the record, in the fragment', async (t) => {
    t.same(await read(id), {
      mail: {
        kind: 'password_reset',
        to: { email: sales.email, name: sales.name },
        tenant_name: acme.name,
        locale: 'en',
        link: `http://acme.localhost:4000/password-reset#token=${token}`,
        expires_at: expiresAt.toISOString(),
      },
      withheld: null,
    });
    const live = moduleOf(plane, true);
    t.match((await live.read(id)).mail?.link, /^https:\/\/acme\.localhost\/password-reset#token=/);
    // A custom domain counts once it is verified.
    const insertDomain = `insert into tenant_domains (tenant_id, id, domain, kind, verified_at, is_primary)
      values ($1, $2, $3, 'custom', $4, $5)`;
    await plane.sql(insertDomain, [acme.id, uuidv7(), 'unproven.example', null, false]);
    t.match((await live.read(id)).mail?.link, /^https:\/\/acme\.localhost\//);
    await plane.sql('update tenant_domains set is_primary = false where tenant_id = $1', [acme.id]);
    await plane.sql(insertDomain, [acme.id, uuidv7(), 'print.example', new Date(), true]);
    t.match((await live.read(id)).mail?.link, /^https:\/\/print\.example\//);
  });

  await t.test('has the locale of the place where its reader begins', async (t) => {
    await plane.sql(`update res_organization_settings set locale = 'de' where organization_id = $1`, [
      acme.organizations['acme-print'].id,
    ]);
    t.equal((await read(id)).mail?.locale, 'de');
  });

  await t.test('is nobody else’s', async (t) => {
    await t.rejects(read(id, globex.id), { code: 'not_found' });
    await t.rejects(read(uuidv7()), { code: 'not_found' });
    await t.rejects(service.eraseSecret(globex.id, id), { code: 'not_found' });
  });

  await t.test('is withheld from a tenant that is suspended or going', async (t) => {
    for (const status of ['suspended', 'deleting']) {
      await plane.sql('update tenants set status = $2 where id = $1', [acme.id, status]);
      t.same(await read(id), { mail: null, withheld: 'tenant_inactive' });
    }
    await plane.sql(`update tenants set status = 'active' where id = $1`, [acme.id]);
  });

  await t.test('is withheld once its link is used, replaced or past its time', async (t) => {
    const used = `update res_user_tokens set used_at = $2 where token_hash = $1`;
    await plane.sql(used, [sha256(token), new Date()]);
    t.same(await read(id), { mail: null, withheld: 'used' });
    await plane.sql(used, [sha256(token), null]);
    t.same(await service.readMail(acme.id, id, new Date(expiresAt.getTime() + 1)), { mail: null, withheld: 'expired' });
    const nobodys = await queue({ kind: 'password_reset', token: 'never stored', expiresAt });
    t.same(await read(nobodys), { mail: null, withheld: 'used' });
  });

  await t.test('loses its secret for good once it is delivered', async (t) => {
    await service.eraseSecret(acme.id, id);
    await service.eraseSecret(acme.id, id);
    t.same(await read(id), { mail: null, withheld: 'sent' });
    const [row] = await plane.sql<{ payload: string }>(
      'select payload::text as payload from outbox_events where id = $1',
      [id],
    );
    t.match(JSON.parse(row?.payload ?? ''), { secret: null, to: { email: sales.email } });
  });

  await t.test('that only tells has no link', async (t) => {
    const told = await queue({ kind: 'password_changed' });
    t.match(await read(told), { mail: { kind: 'password_changed', link: null, expires_at: null }, withheld: null });
  });
});

t.test('secrets of links that ran out are erased without anybody coming for them', async (t) => {
  const plane = await startControlPlane(t);
  const { queue } = moduleOf(plane);
  const token = await resetToken(plane);
  const old = await queue({ kind: 'password_reset', token, expiresAt: new Date(Date.now() - 1) });
  const young = await queue({ kind: 'password_reset', token, expiresAt: inAnHour() });
  t.equal(await plane.platformDb.transaction((tx) => accountMailSweep.deleteSome(tx, 100)), 1);
  t.equal(await plane.platformDb.transaction((tx) => accountMailSweep.deleteSome(tx, 100)), 0);
  const rows = await plane.sql<{ id: string }>(`select id from outbox_events where payload ->> 'secret' is not null`);
  t.same(rows, [{ id: young }], `not ${old}`);
});

t.test('on the internal listener', async (t) => {
  const plane = await startControlPlane(t, { sequenced: true });
  const { queue } = moduleOf(plane);
  const id = await queue({ kind: 'password_changed' });
  const headers = async (clientId: string, secret: string) => {
    const answer = await plane.app.internal.inject({
      method: 'POST',
      url: '/internal/token',
      headers: { 'x-correlation-id': 'account-mail-test' },
      payload: { grant_type: 'client_credentials', client_id: clientId, client_secret: secret },
    });
    return { 'x-correlation-id': 'account-mail-test', authorization: `Bearer ${answer.json().access_token}` };
  };
  const worker = await headers('erp-worker', serviceSecrets.erpWorker);
  const dataPlane = await headers('data-plane', serviceSecrets.dataPlane);
  const url = `/internal/tenants/${acme.id}/account-mails/${id}`;
  const get = (sent: object) => plane.app.internal.inject({ url, headers: { ...sent } });

  t.equal((await get(dataPlane)).json().code, 'insufficient_scope');
  t.match((await get(worker)).json(), { mail: { to: { email: sales.email } } });
  const done = await plane.app.internal.inject({ method: 'POST', url: `${url}/delivered`, headers: worker });
  t.equal(done.statusCode, 204, done.body);

  const query = new URLSearchParams({ consumer: 'test', topic: 'platform.user', owner: uuidv7() });
  const pulled = await plane.app.internal.inject({ url: `/internal/outbox?${query}`, headers: worker });
  t.match(pulled.json(), {
    batches: [
      { events: [{ event: { id, source: 'urn:platen:control-plane', tenantid: acme.id, organizationid: null } }] },
    ],
  });
});
