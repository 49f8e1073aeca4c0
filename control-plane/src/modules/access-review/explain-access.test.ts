import { decodePermissionBits, hasPermissionBit } from '@platen/chassis/auth/permission-bits';
import fc from 'fast-check';
import t from 'tap';
import { accessClaims, compileAccess } from '../access/index.js';
import { type AccessQuestion, decide, explainAccess, isTenantWide } from './explain-access.js';
import { type Alternative, suggestChanges } from './suggest-changes.js';
import { bitsOfRoles } from './world.js';
import { contexts, nowMs, someBits, worlds } from './worlds.fixture.js';

const questions = fc
  .tuple(worlds, contexts, fc.constantFrom(...someBits))
  .map(([world, context, bit]): AccessQuestion | null => {
    const [subject] = world.subjects;
    return subject === undefined ? null : { subject, roles: world.roles, context, bit, nowMs };
  })
  .filter((question) => question !== null);

/** Whether the token says so that signing in would issue now. */
function inToken({ subject, roles, context, bit }: AccessQuestion): boolean {
  const access = compileAccess({ ...subject, rolePermissions: bitsOfRoles(roles), context, nowMs });
  const claims = accessClaims(
    { tenant: { id: 't', slug: 't' }, userId: 'u', sessionId: 's', epochs: [1, 1], context, access },
    { issuer: 'i', nowMs, id: 'j' },
  );
  return hasPermissionBit(decodePermissionBits(claims.prm), bit);
}

t.test('explains what the token says, and its steps lead there', async (t) => {
  fc.assert(
    fc.property(questions, (question) => {
      const found = explainAccess(question);
      const last = found.overrides.at(-1)?.heldAfter ?? found.heldByRoles;
      const cut = question.context.organizationId === null && !isTenantWide(question.bit);
      return found.held === inToken(question) && found.held === (last && !cut);
    }),
    { numRuns: 5000 },
  );
  t.pass('5000 questions');
});

/** The question after the steps were done. */
function done(question: AccessQuestion, steps: Alternative): AccessQuestion {
  const { organizationId, workspaceId } = question.context;
  const scope = organizationId === null ? 'tenant' : workspaceId === null ? 'organization' : 'workspace';
  const place = { scope, organizationId, workspaceId, expiresAtMs: null } as const;
  let { assignments, overrides } = question.subject;
  for (const { kind, id } of steps) {
    if (kind === 'remove_override') overrides = overrides.filter((row) => row.id !== id);
    if (kind === 'remove_user_role') assignments = assignments.filter((row) => row.id !== id);
    if (kind === 'give_role') assignments = [...assignments, { ...place, id: 'new', roleId: id ?? '' }];
    if (kind === 'allow_override' || kind === 'deny_override') {
      const effect = kind === 'allow_override' ? 'allow' : 'deny';
      overrides = [...overrides, { ...place, id: 'new', reason: '', bit: question.bit, effect }];
    }
  }
  return { ...question, subject: { assignments, overrides } };
}

t.test('what would change it does', async (t) => {
  let tried = 0;
  fc.assert(
    fc.property(questions, fc.boolean(), (question, mayUseOverrides) => {
      const found = explainAccess(question);
      const alternatives = suggestChanges(question, found, mayUseOverrides);
      tried += alternatives.length;
      return alternatives.every((steps) => steps.length > 0 && decide(done(question, steps)).held !== found.held);
    }),
    { numRuns: 5000 },
  );
  t.ok(tried > 5000, `${tried} alternatives`);
});

t.test('there is always a way, if any role has the permission', async (t) => {
  fc.assert(
    fc.property(questions, (question) => {
      const someRole = Array.from(question.roles.values()).some((role) => hasPermissionBit(role.bits, question.bit));
      const cut = question.context.organizationId === null && !isTenantWide(question.bit);
      return cut || !someRole || suggestChanges(question, explainAccess(question), true).length > 0;
    }),
    { numRuns: 2000 },
  );
  t.pass('2000 questions');
});
