import { hasPermissionBit } from '@platen/chassis/auth/permission-bits';
import type { Scope } from '../access/index.js';
import { type AccessQuestion, decide, type Explanation } from './explain-access.js';
import type { WorldOverride } from './world.js';

export interface Step {
  readonly kind: 'give_role' | 'remove_user_role' | 'remove_override' | 'allow_override' | 'deny_override';
  readonly id: string | null;
  readonly detail: string;
}
export type Alternative = readonly Step[];

const maxRoles = 10;

/**
 * Alternatives that would turn the decision on the permission around; each was tried with the function that decides.
 * `mayUseOverrides`: an override opens no organization to somebody whom no role brings there.
 */
export function suggestChanges(question: AccessQuestion, found: Explanation, mayUseOverrides: boolean): Alternative[] {
  return found.held ? waysToTake(question, found) : waysToGive(question, found, mayUseOverrides);
}

function waysToGive(question: AccessQuestion, found: Explanation, mayUseOverrides: boolean): Alternative[] {
  const { bit, roles, subject } = question;
  const denials = found.overrides.filter(({ row, applies }) => applies === 'yes' && row.effect === 'deny');
  // From the narrowest on: a denial under an allowance that is narrower does no harm.
  const removed: WorldOverride[] = [];
  for (const { row } of [...denials].reverse()) {
    removed.push(row);
    if (mayUseOverrides && decide(changed(question, removed)).held)
      return [removed.map(removal), ...overriding(question)];
  }
  const bare = changed(question, removed);
  const giving = Array.from(roles.values()).filter((role) => hasPermissionBit(role.bits, bit));
  const scope = narrowest(question);
  const alternatives = giving.slice(0, maxRoles).flatMap((role): Alternative[] => {
    const given = { ...place(question, scope), id: '', roleId: role.id };
    const after = { ...bare, subject: { ...bare.subject, assignments: [...subject.assignments, given] } };
    const step: Step = { kind: 'give_role', id: role.id, detail: `Give the role ${role.name} at the scope ${scope}` };
    return decide(after).held ? [[...removed.map(removal), step]] : [];
  });
  return mayUseOverrides ? [...alternatives, ...overriding(question)] : alternatives;
}

/** Allowed at the narrowest scope, unless a denial there is stronger. */
function overriding(question: AccessQuestion): Alternative[] {
  const scope = narrowest(question);
  const allow = { ...place(question, scope), id: '', bit: question.bit, effect: 'allow' as const, reason: '' };
  if (!decide(changed(question, [], [allow])).held) return [];
  return [[{ kind: 'allow_override', id: null, detail: `Allow it by an override at the scope ${scope}` }]];
}

function waysToTake(question: AccessQuestion, found: Explanation): Alternative[] {
  const { subject } = question;
  const scope = narrowest(question);
  const deny = { ...place(question, scope), id: '', bit: question.bit, effect: 'deny' as const, reason: '' };
  const denied: Alternative[] = decide(changed(question, [], [deny])).held
    ? []
    : [[{ kind: 'deny_override', id: null, detail: `Deny it by an override at the scope ${scope}` }]];
  const allowances = found.overrides.flatMap(({ row, applies }) =>
    applies === 'yes' && row.effect === 'allow' ? [row] : [],
  );
  const bare = changed(question, allowances);
  const granting = found.assignments.filter(({ applies, hasPermission }) => applies === 'yes' && hasPermission);
  const grounds = new Set(granting.map(({ row }) => row.id));
  const needsRoles = decide(bare).held;
  const kept = needsRoles ? subject.assignments.filter((row) => !grounds.has(row.id)) : subject.assignments;
  if (decide({ ...bare, subject: { ...bare.subject, assignments: kept } }).held) return denied;
  const steps = needsRoles
    ? granting.map(
        ({ row }): Step => ({
          kind: 'remove_user_role',
          id: row.id,
          detail: `Take the role ${question.roles.get(row.roleId)?.name ?? ''} at the scope ${row.scope}`,
        }),
      )
    : [];
  return [...denied, [...allowances.map(removal), ...steps]];
}

const removal = (row: WorldOverride): Step => ({
  kind: 'remove_override',
  id: row.id,
  detail: `Remove the override that ${row.effect === 'deny' ? 'denies' : 'allows'} it at the scope ${row.scope}`,
});

function changed(question: AccessQuestion, without: readonly WorldOverride[], and: readonly WorldOverride[] = []) {
  const overrides = [...question.subject.overrides.filter((row) => !without.includes(row)), ...and];
  return { ...question, subject: { ...question.subject, overrides } };
}

const narrowest = ({ context }: AccessQuestion): Scope =>
  context.organizationId === null ? 'tenant' : context.workspaceId === null ? 'organization' : 'workspace';

const place = ({ context }: AccessQuestion, scope: Scope) => ({
  scope,
  organizationId: context.organizationId,
  workspaceId: context.workspaceId,
  expiresAtMs: null,
});
