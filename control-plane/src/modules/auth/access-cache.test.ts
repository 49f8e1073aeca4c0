import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { createAccessCache } from './access-cache.js';
import type { SignInState } from './repo.js';

const organization = { id: uuidv7(), code: 'main', name: 'Main', workspaceRequired: false, workspaces: [] };
const context = { organizationId: organization.id, workspaceId: null };
const userId = uuidv7();
const epochs = [1, 1] as const;
const state: SignInState = {
  identity: {
    user: { id: userId, email: 'a@example.test', name: 'A', status: 'active' },
    tenantName: 'Acme',
    epochs,
    defaultContext: context,
    assignments: [],
    overrides: [],
    rolePermissions: new Map(),
  },
  organizations: [organization],
};

t.test('what is known of somebody is of one tenant, of exactly these epochs, and for a while', async (t) => {
  const cache = createAccessCache();
  cache.keep('acme', state, context, 0);
  t.ok(cache.find('acme', userId, epochs, context, 1));
  t.equal(cache.find('globex', userId, epochs, context, 1), undefined, 'the same id at another tenant');
  t.equal(cache.find('acme', userId, [2, 1], context, 1), undefined);
  t.equal(cache.find('acme', userId, [1, 2], context, 1), undefined);
  t.equal(cache.find('acme', userId, epochs, { ...context, workspaceId: uuidv7() }, 1), undefined);
  t.equal(cache.find('acme', userId, epochs, context, 15 * 60_000), undefined);
});
