import { testDatabase } from '@platen/chassis/testkit/database';
import { listContracts } from '@platen/schema/contract';
import { dataContracts } from '@platen/schema/contracts/data/index';
import { productionStages as contracts } from '@platen/schema/contracts/data/production';
import { permissionCodes } from '@platen/schema/permissions';
import t from 'tap';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { v7 } from 'uuid';
import { openTestPlane } from '../../testkit/test-plane.js';

const database = await testDatabase(t, 'erp');
const plane = openTestPlane(t, { 'erp-1': database });
const [tenant, other] = [plane.addTenant('acme', 'erp-1'), plane.addTenant('globex', 'erp-1')];
const base = '/api/erp/production';
const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object, headers = {}) =>
  plane.call(tenant, plane.token(tenant), {
    method,
    url: base + path,
    headers: { ...headers, ...(method === 'POST' && { 'idempotency-key': v7() }) },
    ...(payload && { payload }),
  });
type Stages = Static<typeof contracts.list.response>;

t.test('whoever comes first finds the standard stages, also with others', async (t) => {
  const answers = await Promise.all([
    ...Array.from({ length: 6 }, () => send('GET', '/board')),
    ...Array.from({ length: 6 }, () => send('GET', '/stages')),
  ]);
  t.ok(answers.every(({ status }) => status === 200));
  const { items }: Stages = (await send('GET', '/stages')).body;
  t.ok(Value.Check(contracts.list.response, { items }));
  t.same(
    items.map(({ code, requires_artwork }) => [code, requires_artwork]),
    [
      ['art', false],
      ...['approved', 'pre-press', 'blanks', 'press', 'finish', 'quality', 'pack'].map((code) => [code, true]),
    ],
  );
  const board = (await send('GET', '/board')).body;
  t.match(board, { position: /^\d{1,19}$/ });
  t.same(
    board.stages.map(({ id, count }: { id: string; count: number }) => [id, count]),
    items.map(({ id }) => [id, 0]),
  );
});

t.test('stages are made, changed and removed', async (t) => {
  const body = { code: 'Laser', name: 'Laser', position: 55, wip_limit: 4, wip_policy: 'block' };
  const made = await send('POST', '/stages', body);
  t.match(made, { status: 201, body: { ...body, code: 'laser', requires_artwork: false, version: 1 } });
  t.match(await send('POST', '/stages', body), { status: 409, body: { code: 'duplicate' } });
  const { id } = made.body;
  const changed = await send('PATCH', `/stages/${id}`, { wip_limit: null }, { 'if-match': '"1"' });
  t.match(changed, { status: 200, body: { wip_limit: null, wip_policy: 'block', version: 2 } });
  t.match(await send('DELETE', `/stages/${id}`, undefined, { 'if-match': '"1"' }), { status: 412 });
  const theirs = plane.token(other);
  const foreign = await plane.call(other, theirs, { method: 'DELETE', url: `${base}/stages/${id}` });
  t.match(foreign, { status: 404, body: { code: 'not_found' } });
  t.match(await send('DELETE', `/stages/${id}`), { status: 204 });
  t.match(await send('DELETE', `/stages/${id}`), { status: 404 });
});

t.test('each endpoint asks for its permission', async (t) => {
  const production = listContracts(dataContracts.erp.production).filter(({ mediaType }) => mediaType === undefined);
  t.ok(production.length > 14);
  for (const { access, method, path, name } of production) {
    if (typeof access !== 'object' || !('permission' in access)) throw new Error(`${name} asks for no permission`);
    const { permission } = access;
    const token = plane.token(tenant, { permissions: permissionCodes.filter((code) => code !== permission) });
    const answer = await plane.call(tenant, token, {
      method,
      url: path.replace(':id', v7()),
      headers: method === 'POST' ? { 'idempotency-key': v7() } : {},
    });
    t.match(answer, { status: 403, body: { code: 'permission_denied', permission } }, name);
  }
});
