import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { testDatabase } from '@platen/chassis/testkit/database';
import { PublishedRuleSet, RuleSet, RuleSetVersion, rules, versions } from '@platen/schema/contracts/data/rule-sets';
import t from 'tap';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { v7 } from 'uuid';
import { openTestPlane, tenantOf } from '../../../testkit/test-plane.js';
import { sha256 } from '../index.js';
import { readDraft } from './publish.js';

const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') });
const acme = plane.addTenant('acme', 'erp-1');
const token = plane.token(acme);
const root = '/api/erp/pricing/rule-sets';
const call = (
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  url: string,
  payload?: object,
  headers?: Record<string, string>,
) =>
  plane.call(acme, token, {
    method,
    url,
    ...(payload && { payload }),
    headers: { ...(method === 'POST' && { 'idempotency-key': v7() }), ...headers },
  });
const fits = (schema: TSchema, value: unknown): string =>
  [...Compile(schema).Errors(value)].map((error) => `${error.instancePath} ${error.message}`).join('; ');

const base = { code: 'Base', kind: 'base_price', conditions: {}, effect: { type: 'catalogue' } };
const tier = (code: string, from = 12) => ({
  code,
  kind: 'quantity_tier',
  conditions: { count: 'line' },
  effect: { type: 'percent_off', tiers: [{ from, value: '5' }] },
});
let made = 0;
async function newSet(currency: string, drafted: object[] = []) {
  made += 1;
  const created = await call('POST', root, { code: `set-${made}`, name: 'Prices', currency });
  t.equal(created.status, 201);
  const url = `${root}/${created.body.id}`;
  if (drafted.length > 0) t.match(await call('PUT', `${url}/rules`, { rules: drafted }), { status: 200 });
  return { id: created.body.id as string, url };
}
const codes = async (url: string): Promise<string[]> =>
  (await call('GET', `${url}/rules`)).body.items.map((item: { rule: { code: string } }) => item.rule.code);

t.test(
  'a draft: its rules replaced, added, moved, changed and taken out, each under the version of the set',
  async (t) => {
    const { url, id } = await newSet('AUD');
    const replaced = await call('PUT', `${url}/rules`, { rules: [base, tier('a'), tier('B')] }, { 'if-match': '"1"' });
    t.match(replaced, { status: 200, body: { version: 2, rule_count: 3, status: 'draft', latest_version: null } });
    t.equal(fits(RuleSet, replaced.body), '');
    const page = await call('GET', `${url}/rules?limit=2`);
    t.equal(fits(rules.list.response, page.body), '');
    t.same((await call('GET', `${url}/rules?limit=2&cursor=${page.body.next_cursor}`)).body.items.length, 1);
    const [, a, b] = (await call('GET', `${url}/rules`)).body.items;

    const added = await call('POST', `${url}/rules`, { rule: tier('c'), before_id: a.rule.id }, { 'if-match': '"2"' });
    t.match(added, {
      status: 201,
      body: { version: 3, rule_set_id: id, rule: { code: 'c' } },
      headers: { etag: '"3"' },
    });
    t.same(await codes(url), ['base', 'c', 'a', 'b']);
    const moved = await call('POST', `${url}/rules/${added.body.rule.id}/move`, { after_id: b.rule.id });
    t.match(moved, { status: 200, body: { version: 4 } });
    t.same(await codes(url), ['base', 'a', 'b', 'c']);
    const changed = await call('PUT', `${url}/rules/${a.rule.id}`, { rule: tier('a2', 24) });
    t.match(changed, { status: 200, body: { version: 5, rule: { id: a.rule.id, effect: { tiers: [{ from: 24 }] } } } });
    t.match(await call('DELETE', `${url}/rules/${b.rule.id}`), { status: 200, body: { version: 6, rule_count: 3 } });
    t.same(await codes(url), ['base', 'a2', 'c']);

    t.match(await call('PUT', `${url}/rules`, { rules: [] }, { 'if-match': '"5"' }), {
      status: 412,
      body: { code: 'version_mismatch' },
    });
    t.match(await call('POST', `${url}/rules`, { rule: tier('C') }), { status: 409, body: { code: 'duplicate' } });
    t.match(await call('PUT', `${url}/rules`, { rules: [base, tier('x'), tier('X')] }), {
      status: 409,
      body: { errors: [{ path: '/body/rules/2/code' }] },
    });
    t.match(await call('POST', `${url}/rules`, { rule: tier('d'), after_id: b.rule.id }), { status: 422 });
    t.match(await call('POST', `${url}/rules/${b.rule.id}/move`, {}), { status: 404 });
    const other = await newSet('AUD');
    t.match(await call('DELETE', `${other.url}/rules/${a.rule.id}`), { status: 404 }, 'a rule of another set');
    const taken = { ...tier('d'), id: a.rule.id };
    t.match(await call('PUT', `${other.url}/rules`, { rules: [taken] }), { status: 409, body: { code: 'duplicate' } });
  },
);

t.test('rules that always go to the same place find room', async (t) => {
  const { url } = await newSet('AUD', [base, tier('last')]);
  const [, last] = (await call('GET', `${url}/rules`)).body.items;
  for (let n = 0; n < 14; n += 1) {
    t.match(await call('POST', `${url}/rules`, { rule: tier(`r${n}`), before_id: last.rule.id }), { status: 201 });
  }
  t.same(await codes(url), ['base', ...Array.from({ length: 14 }, (_, n) => `r${n}`), 'last']);
});

t.test('a draft that grows rule by rule stays one that can be read', async (t) => {
  const { url } = await newSet('HKD', [base, tier('small')]);
  const products = Array.from({ length: 5_000 }, () => v7());
  const large = (code: string) => ({ ...tier(code), conditions: { count: 'line', product_ids: products } });
  let added = 0;
  let answer = await call('POST', `${url}/rules`, { rule: large('large-0') });
  for (; answer.status === 201 && added < 40; added += 1) {
    answer = await call('POST', `${url}/rules`, { rule: large(`large-${added + 1}`) });
  }
  t.match(answer, { status: 400, body: { code: 'validation_failed', errors: [{ path: '/body/rule' }] } });
  t.equal(added, 20, 'of 200 KB each');
  const [, small] = (await call('GET', `${url}/rules?limit=2`)).body.items;
  const grown = await call('PUT', `${url}/rules/${small.rule.id}`, { rule: large('small') });
  t.match(grown, { status: 400, body: { code: 'validation_failed' } }, 'nor by changing one');
});

t.test('a change between the two reads of a draft shows in its version', async (t) => {
  const { id, url } = await newSet('THB', [base]);
  const scope = { tenantId: acme.id, organizationId: acme.organizationIds[0], workspaceId: null };
  const db = plane.router.open(tenantOf(plane.store, acme.id), scope);
  let rulesRead: Promise<unknown> | undefined;
  const meddling: Queryable = {
    async query(asking, values) {
      if (asking.name === 'rule.list') {
        const reading = db.query(asking, values);
        rulesRead = reading;
        return reading;
      }
      // Where both are asked for at once, the rules are read first, and somebody changes them.
      await new Promise((resolve) => setImmediate(resolve));
      await rulesRead;
      if (rulesRead) t.equal((await call('POST', `${url}/rules`, { rule: tier('late') })).status, 201);
      return db.query(asking, values);
    },
  };
  const { set, content } = await readDraft(meddling, id);
  const now = await readDraft(db, id);
  t.ok(set.version < now.set.version || content.rules.length === now.content.rules.length, 'or it would be published');
});

t.test('two editors of one draft: one wins, the other is told', async (t) => {
  const { url } = await newSet('AUD', [base]);
  const edit = (code: string) => call('PUT', `${url}/rules`, { rules: [base, tier(code)] }, { 'if-match': '"2"' });
  const answers = await Promise.all(['a', 'b', 'c', 'd'].map(edit));
  t.same(answers.map(({ status }) => status).sort(), [200, 412, 412, 412]);
  t.match(await call('GET', url), { body: { version: 3, rule_count: 2 } });
});

t.test('published for good: what quotes name never changes, and the draft goes on', async (t) => {
  const { url, id } = await newSet('CHF', [base, tier('t')]);
  t.match(await call('POST', `${url}/publish`, {}, { 'if-match': '"1"' }), { status: 412 });
  const published = await call('POST', `${url}/publish`, {}, { 'if-match': '"2"' });
  t.match(published, { status: 201, body: { status: 'active', version: 3, published: { version: 1 } } });
  t.equal(fits(PublishedRuleSet, published.body), '');
  const version = `${url}/versions/${published.body.published.id}`;
  const before = await call('GET', version);
  t.equal(fits(RuleSetVersion, before.body), '');
  t.equal(sha256(JSON.stringify(before.body.content)), before.body.hash, 'its canonical text has the hash');

  t.match(await call('PUT', `${url}/rules`, { rules: [base] }), { status: 200, body: { latest_version: 1 } });
  t.same((await call('GET', version)).body, before.body);
  const next = await call('POST', `${url}/publish`, { valid_from: '2099-01-01T00:00:00.000Z' });
  t.match(next.body.published, { version: 2, valid_from: '2099-01-01T00:00:00.000Z', valid_until: null });
  const between = await call('POST', `${url}/publish`, {});
  t.match(between.body.published, { version: 3, valid_until: '2099-01-01T00:00:00.000Z' }, 'until the scheduled one');
  t.match(await call('POST', `${url}/publish`, { valid_from: '2099-01-01T00:00:00.000Z' }), { status: 409 });
  t.match(await call('POST', `${url}/publish`, { valid_from: '2020-01-01T00:00:00.000Z' }), { status: 400 });
  const listed = await call('GET', `${url}/versions`);
  t.equal(fits(versions.list.response, listed.body), '');
  t.same(
    listed.body.items.map((item: { version: number }) => item.version),
    [3, 2, 1],
  );
  t.equal(
    listed.body.items[2].valid_until,
    between.body.published.valid_from,
    'the first ends where its successor begins',
  );

  const events = await plane.router
    .open(tenantOf(plane.store, acme.id), {
      tenantId: acme.id,
      organizationId: acme.organizationIds[0],
      workspaceId: null,
    })
    .query(publications, [`${acme.id}:${id}`]);
  t.same(
    events.map(({ version }) => version),
    ['1', '2', '3'],
  );
});
const publications = statement<{ version: string }>(
  'test.publications',
  `select payload->>'version' as version from outbox_events
   where type = 'erp.pricing_rule_set.published' and key = $1 order by id`,
);

t.test('publications at once: one version each, without gaps, never two that hold at the same time', async (t) => {
  const { url } = await newSet('SEK', [base]);
  // One that is looked over and four that wait: as many as one tenant may have there.
  const answers = await Promise.all(Array.from({ length: 5 }, () => call('POST', `${url}/publish`, {})));
  const ok = answers.filter(({ status }) => status === 201).length;
  t.ok(ok >= 1);
  t.same(
    answers.filter(({ status }) => status !== 201 && status !== 412).map(({ body }) => body),
    [],
  );
  const { items } = (await call('GET', `${url}/versions`)).body;
  t.same(
    items.map((item: { version: number }) => item.version),
    Array.from({ length: ok }, (_, n) => ok - n),
  );
  const byStart = [...items].sort((a, b) => (a.valid_from < b.valid_from ? -1 : 1));
  for (const [index, item] of byStart.entries()) {
    t.equal(item.valid_until, byStart[index + 1]?.valid_from ?? null);
  }
});

t.test('faults keep a draft from being published, every one of them named', async (t) => {
  const faulty = tier('twice');
  faulty.effect.tiers.push({ from: 12, value: '7' });
  const nobody = '01930000-0000-7000-8000-00000000dead';
  const unknown = { ...tier('unknown'), conditions: { count: 'line', product_ids: [nobody] } };
  const { url } = await newSet('NOK', [faulty, unknown]);
  const refused = await call('POST', `${url}/publish`, {});
  t.match(refused, { status: 422, body: { code: 'rule_set_faulty' } });
  t.same(
    refused.body.findings.map((found: { problem: string; rule_code: string }) => [found.problem, found.rule_code]),
    [
      ['tier_overlap', 'twice'],
      ['base_price_absent', null],
      ['unknown_product', 'unknown'],
    ],
  );
  const linted = await call('POST', `${url}/lint`);
  t.match(linted, { status: 200, body: { errors: 3, version: 2 } });
  t.equal((await call('GET', `${url}/versions`)).body.items.length, 0);
});

t.test('one price list of a currency is active; another one takes its place at once, or waits', async (t) => {
  const first = await newSet('DKK', [base]);
  const second = await newSet('DKK', [base, tier('t')]);
  t.match(await call('POST', `${first.url}/publish`, {}), { status: 201 });
  t.match(await call('POST', `${second.url}/publish`, {}), {
    status: 409,
    body: { code: 'duplicate', active_rule_set_id: first.id },
  });
  t.match(await call('POST', `${second.url}/publish`, { replaces: second.id }), { status: 422 });
  t.match(await call('POST', `${second.url}/publish`, { replaces: first.id }), { status: 201 });
  t.match(await call('GET', first.url), { body: { status: 'retired' } });
  for (const refused of [
    await call('POST', `${first.url}/publish`, {}),
    await call('PUT', `${first.url}/rules`, { rules: [] }),
    await call('PATCH', first.url, { name: 'x' }),
    await call('POST', `${first.url}/retire`),
  ]) {
    t.match(refused, { status: 409, body: { code: 'illegal_transition' } });
  }
  const both = await Promise.all(
    ['a', 'b'].map(async () => {
      const { url } = await newSet('PLN', [base]);
      return (await call('POST', `${url}/publish`, {})).status;
    }),
  );
  t.same(both.sort(), [201, 409], 'of two at once, one');
});

t.test('a copy begins with the rules of another', async (t) => {
  const { id } = await newSet('AUD', [base, tier('t')]);
  const copy = await call('POST', root, { code: 'copy', name: 'Copy', copy_of: id });
  t.match(copy, { status: 201, body: { rule_count: 2, currency: 'EUR', version: 1 } });
  t.same(await codes(`${root}/${copy.body.id}`), ['base', 't']);
  t.match(await call('POST', root, { code: 'copy', name: 'x' }), { status: 409 });
  t.match(await call('POST', root, { code: 'c2', name: 'x', copy_of: acme.id }), { status: 422 });
  t.match(
    await call('PATCH', `${root}/${copy.body.id}`, { name: 'y', unit_price_decimals: 3 }, { 'if-match': '"1"' }),
    {
      status: 200,
      body: { name: 'y', unit_price_decimals: 3, version: 2 },
    },
  );
  const listed = await call('GET', `${root}?status=draft&limit=1`);
  t.match(listed.body.items, [{ code: 'copy' }]);
});
