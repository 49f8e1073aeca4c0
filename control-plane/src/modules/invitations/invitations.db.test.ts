import { roles } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import {
  acme,
  admin,
  auditOf,
  buyer,
  globex,
  press,
  print,
  promo,
  sales,
  signedIn,
  untilCode,
} from '../../test/people.fixture.js';
import { createAccountMailService } from '../account-mails/index.js';
import { createTextCipher, deriveKey } from '../keys/index.js';

const password = 'moss lantern quartz 41';
const email = 'nina@example.test';
const atPrint = { role_id: roles.sales.id, scope: 'organization', organization_id: print.id };

/** What the mails' links hold, newest last: read as the worker would. */
async function tokensTo(plane: TestControlPlane, address: string): Promise<string[]> {
  const cipher = createTextCipher(deriveKey(plane.keyEncryptionKey, 'account-mails'));
  const mails = createAccountMailService({ db: plane.platformDb, cipher, links: { production: true, devPort: 0 } });
  const rows = await plane.sql<{ id: string }>(
    `select id from outbox_events where tenant_id = $1 and payload -> 'to' ->> 'email' = $2 order by seq`,
    [acme.id, address],
  );
  const read = await Promise.all(rows.map(({ id }) => mails.readMail(acme.id, id, new Date())));
  return read.map(({ mail, withheld }) => mail?.link?.split('#token=')[1] ?? withheld ?? '');
}
const invite = (browser: Browser, body: object, headers: Record<string, string> = {}) =>
  browser.call('POST', '/api/admin/invitations', body, headers);
const accept = (plane: TestControlPlane, body: object, host?: string) => {
  const browser = plane.browser(host);
  return browser.call('POST', '/api/auth/invitations/accept', body).then((answer) => ({ browser, answer }));
};

t.test('somebody new', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const invited = await invite(owner, { email: 'NINA@Example.test', ...atPrint });
  t.equal(invited.statusCode, 201, invited.body);
  const invitation = invited.json();
  t.match(invitation, { email, status: 'open', invited_by: admin.id, organization_id: print.id, workspace_id: null });
  t.match((await owner.call('GET', '/api/admin/users?status=invited')).json(), { items: [{ email, name: email }] });
  const [token = ''] = await tokensTo(plane, email);
  t.match(token, /^[\w-]{43}$/);
  t.notMatch(plane.log.text(), token, 'the log knows no link');

  const short = await accept(plane, { token, name: 'Nina', password: 'short' });
  t.equal(short.answer.json().code, 'password_unacceptable');
  const bare = await accept(plane, { token });
  t.match(bare.answer.json(), {
    code: 'validation_failed',
    errors: [{ path: '/body/name' }, { path: '/body/password' }],
  });
  const elsewhere = await accept(plane, { token, name: 'Nina', password }, 'globex.localhost');
  t.equal(elsewhere.answer.json().code, 'link_invalid', 'at another tenant');

  const { browser, answer } = await accept(plane, { token, name: 'Nina New', password });
  t.equal(answer.statusCode, 200, answer.body);
  t.match(answer.json(), { session: { user: { email, name: 'Nina New' } } });
  t.notMatch(answer.body, /eyJ/, 'no token in the body');
  t.equal((await browser.call('GET', '/api/auth/session')).statusCode, 200, 'signed in');
  t.equal((await plane.browser().signIn(email, password)).statusCode, 200);
  t.equal((await accept(plane, { token, name: 'Eve', password })).answer.json().code, 'link_invalid', 'once');
  const audit = await auditOf(plane, `invitation:${invitation.id}`);
  t.same(
    audit.map(({ action, actor_type }) => [action, actor_type]),
    [
      ['invitation.create', 'user'],
      ['invitation.accept', 'user'],
    ],
  );
  t.notMatch(JSON.stringify(audit), /token|hash/);
  t.match((await owner.call('GET', '/api/admin/invitations?status=accepted')).json(), {
    items: [{ id: invitation.id }],
  });
});

t.test('somebody who has an account gets the role and nothing else', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const holder = await signedIn(plane, press.email);
  await invite(owner, { email: press.email, ...atPrint });
  const [token = ''] = await tokensTo(plane, press.email);
  const { browser, answer } = await accept(plane, { token, name: 'Mallory', password });
  t.same(answer.json(), { session: null });
  t.equal(browser.cookies.size, 0, 'the link is no way in');
  t.equal(
    (await plane.browser().signIn(press.email, password)).json().code,
    'invalid_credentials',
    'nor a new password',
  );
  await t.resolves(untilCode(holder, 'token_stale'), 'their permissions are others now');
  t.match((await holder.call('POST', '/api/auth/refresh')).json(), { user: { name: press.name } });
  t.ok((await holder.call('GET', '/api/auth/session')).json().permissions.includes('erp.quote.send'));
  t.equal((await invite(owner, { email: press.email, ...atPrint })).json().code, 'duplicate', 'has it');
});

t.test('a link ends when another is sent, when it is taken back, and with time', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const first = await invite(owner, { email, ...atPrint }, { 'idempotency-key': 'once' });
  const again = await invite(owner, { email, ...atPrint }, { 'idempotency-key': 'once' });
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.equal((await tokensTo(plane, email)).length, 1, 'a repeat sends no second mail');
  t.equal((await invite(owner, { email, ...atPrint })).json().code, 'duplicate');
  const { id } = first.json();
  const [old = ''] = await tokensTo(plane, email);
  const resent = await owner.call('POST', `/api/admin/invitations/${id}/resend`);
  t.equal(resent.statusCode, 200, resent.body);
  const [replaced, token = ''] = await tokensTo(plane, email);
  t.equal(replaced, 'used', 'the first mail would not go out any more');
  const person = { name: 'Nina', password };
  t.equal((await accept(plane, { token: old, ...person })).answer.json().code, 'link_invalid');
  await plane.sql(`update res_user_invitations set expires_at = now() - interval '1 ms' where id = $1`, [id]);
  t.equal((await accept(plane, { token, ...person })).answer.json().code, 'link_invalid', 'past its time');
  t.match((await owner.call('GET', '/api/admin/invitations')).json(), { items: [{ id, status: 'expired' }] });
  await owner.call('POST', `/api/admin/invitations/${id}/resend`);
  const last = (await tokensTo(plane, email)).at(-1) ?? '';
  const revoked = await owner.call('POST', `/api/admin/invitations/${id}/revoke`);
  t.match(revoked.json(), { status: 'revoked' });
  t.equal((await owner.call('POST', `/api/admin/invitations/${id}/revoke`)).statusCode, 200, 'twice is fine');
  t.equal((await accept(plane, { token: last, ...person })).answer.json().code, 'link_invalid');
  t.equal((await owner.call('POST', `/api/admin/invitations/${id}/resend`)).json().code, 'illegal_transition');
});

t.test('nobody invites to more than they hold, or beyond where they hold it', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const given = { user_id: press.id, role_id: roles.tenant_admin.id, scope: 'organization', organization_id: promo.id };
  await owner.call('POST', '/api/admin/user-roles', given);
  const local = await signedIn(plane, press.email);
  await local.call('POST', '/api/context/switch', { organization_id: promo.id });
  t.equal((await invite(local, { email, ...atPrint })).json().code, 'grant_exceeds_own');
  t.equal((await invite(local, { email, role_id: roles.sales.id, scope: 'tenant' })).json().code, 'grant_exceeds_own');
  const inside = { email, role_id: roles.sales.id, scope: 'organization', organization_id: promo.id };
  const own = await invite(local, inside);
  t.equal(own.statusCode, 201, own.body);
  const theirs = await invite(owner, { email: 'other@example.test', ...atPrint });
  t.same(
    (await local.call('GET', '/api/admin/invitations')).json().items.map(({ id }: { id: string }) => id),
    [own.json().id],
  );
  const missing = await local.call('POST', `/api/admin/invitations/${uuidv7()}/revoke`);
  for (const action of ['revoke', 'resend']) {
    const refused = await local.call('POST', `/api/admin/invitations/${theirs.json().id}/${action}`);
    t.equal(refused.statusCode, 404, action);
    t.same({ ...refused.json(), instance: '' }, { ...missing.json(), instance: '' });
  }
  const clerk = await signedIn(plane, sales.email);
  t.equal((await invite(clerk, inside)).json().code, 'permission_denied');
  for (const foreign of [{ role_id: uuidv7() }, { organization_id: globex.organizations['globex-main'].id }]) {
    t.equal(
      (await invite(owner, { email: 'x@example.test', ...atPrint, ...foreign })).json().code,
      'unknown_reference',
    );
  }

  await t.test('and who is locked out, no more', async (t) => {
    const [token = ''] = await tokensTo(plane, email);
    await owner.call('POST', `/api/admin/users/${press.id}/disable`);
    t.equal((await accept(plane, { token, name: 'Nina', password })).answer.json().code, 'link_invalid');
    const disabled = await invite(owner, { email: press.email, ...atPrint });
    t.equal(disabled.json().code, 'illegal_transition', 'an invitation lets nobody in who was locked out');
  });
});

t.test('an invitation is worth what its inviter could give when it is accepted', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const atPromo = { scope: 'organization', organization_id: promo.id };
  const grant = { user_id: press.id, role_id: roles.tenant_admin.id, ...atPromo };
  const { id: grantId } = (await owner.call('POST', '/api/admin/user-roles', grant)).json();
  const local = await signedIn(plane, press.email);
  await local.call('POST', '/api/context/switch', { organization_id: promo.id });
  const backdoor = await invite(local, { email, role_id: roles.tenant_admin.id, ...atPromo });
  const kept = await invite(local, { email: 'kept@example.test', role_id: roles.sales.id, ...atPromo });
  const [token = ''] = await tokensTo(plane, email);
  t.equal((await owner.call('DELETE', `/api/admin/user-roles/${grantId}`)).statusCode, 204);

  const person = { name: 'Nina', password };
  t.equal((await accept(plane, { token, ...person })).answer.json().code, 'link_invalid');
  t.equal((await plane.browser().signIn(email, password)).statusCode, 401, 'no account was made');
  t.match((await owner.call('GET', '/api/admin/invitations?status=revoked')).json().items, [
    { id: backdoor.json().id },
  ]);
  t.match((await auditOf(plane, `invitation:${backdoor.json().id}`)).at(-1), {
    action: 'invitation.revoke',
    actor_type: 'system',
  });

  await t.test('sent again by somebody who may, it is theirs', async (t) => {
    const { id } = kept.json();
    const resent = await owner.call('POST', `/api/admin/invitations/${id}/resend`);
    t.match(resent.json(), { id, invited_by: admin.id });
    const last = (await tokensTo(plane, 'kept@example.test')).at(-1);
    t.equal((await accept(plane, { token: last, ...person })).answer.statusCode, 200);
  });

  await t.test('by a key: as far as the key still holds it', async (t) => {
    const made = await owner.call('POST', '/api/admin/api-keys', {
      name: 'hr',
      role_id: roles.tenant_admin.id,
      scope: 'tenant',
    });
    const exchanged = await plane.browser().call('POST', '/api/auth/token', { api_key: made.json().key });
    const authorization = `Bearer ${exchanged.json().access_token}`;
    const machine = plane.browser();
    const byKey = { email: 'key@example.test', role_id: roles.tenant_admin.id, scope: 'tenant' };
    const invited = await machine.call('POST', '/api/admin/invitations', byKey, { authorization });
    t.equal(invited.statusCode, 201, invited.body);
    const [first = ''] = await tokensTo(plane, byKey.email);
    await plane.sql(`update res_api_keys set role_id = $1 where id = $2`, [roles.sales.id, made.json().id]);
    t.equal((await accept(plane, { token: first, ...person })).answer.json().code, 'link_invalid');
  });
});

t.test('the limit of users holds where somebody comes in', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  const limit = (value: number | null) =>
    plane.sql(
      `insert into tenant_platform_limits (tenant_id, limit_code, value) values ($1, 'users', $2)
       on conflict (tenant_id, limit_code) do update set value = excluded.value`,
      [acme.id, value],
    );
  const used = acme.users.length;
  await limit(used);
  const refused = await invite(owner, { email, ...atPrint });
  t.equal(refused.statusCode, 422);
  t.match(refused.json(), { code: 'limit_reached', limit_code: 'users', limit: used, used });
  t.equal((await invite(owner, { email: buyer.email, ...atPrint })).statusCode, 201, 'who is in needs no room');

  await limit(used + 2);
  const many = await Promise.all(
    Array.from({ length: 6 }, (_, n) => invite(owner, { email: `new-${n}@example.test`, ...atPrint })),
  );
  t.equal(many.filter(({ statusCode }) => statusCode === 201).length, 2, 'at once: as many as there is room for');
  const open = many.filter(({ statusCode }) => statusCode === 201).map((answer) => answer.json());
  await owner.call('POST', `/api/admin/invitations/${open[0].id}/revoke`);
  t.equal((await invite(owner, { email, ...atPrint })).statusCode, 201, 'one that was taken back makes room');
  const [token = ''] = await tokensTo(plane, email);
  await limit(used);
  const late = await accept(plane, { token, name: 'Nina', password });
  t.match(late.answer.json(), { code: 'limit_reached', limit: used });
  await owner.call('POST', `/api/admin/users/${sales.id}/disable`);
  await limit(used - 1);
  t.equal((await owner.call('POST', `/api/admin/users/${sales.id}/enable`)).json().code, 'limit_reached');
  await limit(null);
  t.equal((await owner.call('POST', `/api/admin/users/${sales.id}/enable`)).statusCode, 200);
  t.equal((await accept(plane, { token, name: 'Nina', password })).answer.statusCode, 200);
});

t.test('one link used many times at once makes one session', async (t) => {
  const plane = await startControlPlane(t);
  const owner = await signedIn(plane, admin.email);
  await invite(owner, { email, ...atPrint });
  const [token = ''] = await tokensTo(plane, email);
  const answers = await Promise.all(
    Array.from({ length: 5 }, (_, n) => accept(plane, { token, name: `Nina ${n}`, password })),
  );
  t.equal(answers.filter(({ answer }) => answer.statusCode === 200).length, 1);
  for (const { answer } of answers) t.match(answer.json().code ?? 'link_invalid', /^(link_invalid|conflict)$/);
  const rows = await plane.sql(
    `select s.id from res_sessions s join res_users u on u.id = s.user_id where u.email = $1`,
    [email],
  );
  t.equal(rows.length, 1);
});
