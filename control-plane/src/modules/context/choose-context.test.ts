import t from 'tap';
import type { Assignment } from '../access/index.js';
import { chooseContext, isReachable, listReachable, noContext, type Organization } from './choose-context.js';

const nowMs = 1000;
const strict: Organization = {
  id: 'strict',
  code: 'strict',
  name: 'Strict',
  workspaceRequired: true,
  workspaces: ['a', 'b'].map((id) => ({ id, code: id, name: id })),
};
const loose: Organization = { id: 'loose', code: 'loose', name: 'Loose', workspaceRequired: false, workspaces: [] };
const at = (scope: Assignment['scope'], organizationId: string | null = null, workspaceId: string | null = null) => ({
  roleId: 'r',
  scope,
  organizationId,
  workspaceId,
  expiresAtMs: null,
});
const reach = (...assignments: Assignment[]) => listReachable([strict, loose], assignments, nowMs);

t.test('roles open what they reach', async (t) => {
  t.same(reach(), []);
  t.match(reach(at('tenant')), [
    { id: 'strict', organizationWide: false, workspaces: [{ id: 'a' }, { id: 'b' }] },
    { id: 'loose', organizationWide: true },
  ]);
  t.match(reach(at('organization', 'loose')), [{ id: 'loose' }]);
  t.same(
    reach(at('workspace', 'strict', 'b'))[0]?.workspaces.map((workspace) => workspace.id),
    ['b'],
  );
  t.same(reach({ ...at('tenant'), expiresAtMs: nowMs }), [], 'an ended role opens nothing');
});

t.test('a whole organization needs a role on it, and its consent', async (t) => {
  t.equal(isReachable(reach(at('tenant')), { organizationId: 'strict', workspaceId: null }), false);
  t.equal(isReachable(reach(at('tenant')), { organizationId: 'loose', workspaceId: null }), true);
  t.equal(
    isReachable(reach(at('tenant')), { organizationId: 'loose', workspaceId: 'a' }),
    false,
    "another's workspace",
  );
  const relaxed = { ...strict, workspaceRequired: false };
  const workspaceOnly = listReachable([relaxed], [at('workspace', 'strict', 'a')], nowMs);
  t.equal(isReachable(workspaceOnly, { organizationId: 'strict', workspaceId: null }), false);
  t.equal(isReachable(reach(at('tenant')), noContext), false);
});

t.test('the wish, else the only one, else none', async (t) => {
  const wish = { organizationId: 'strict', workspaceId: 'b' };
  t.same(chooseContext(reach(at('tenant')), [wish]), wish);
  t.same(chooseContext(reach(at('tenant')), []), noContext, 'several to choose from');
  t.same(chooseContext(reach(at('workspace', 'strict', 'a')), [wish]), { organizationId: 'strict', workspaceId: 'a' });
  t.same(chooseContext(reach(at('organization', 'loose')), []), { organizationId: 'loose', workspaceId: null });
});
