import { AppError, permissionDenied } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { OutputOf, QueryOf } from '@platen/schema/contract';
import type { accessAdministration } from '@platen/schema/contracts/control/access';
import { permissions } from '@platen/schema/permissions';
import {
  bitsOfCodes,
  type Context,
  compileReach,
  includesAll,
  type Reach,
  readCaller,
  wholeTenant,
} from '../access/index.js';
import { describeModules, type IsFeatureEnabled, listModules } from '../availability/index.js';
import { isReachable, listReachable } from '../context/index.js';
import { type Explanation, explainAccess, isTenantWide } from './explain-access.js';
import { readWorld } from './repo.js';
import { type Alternative, suggestChanges } from './suggest-changes.js';
import { hasPlace, type Subject, type World } from './world.js';

type Answer = OutputOf<typeof accessAdministration.explain>;
type Outcome = Answer['outcome'];
type Step = Answer['what_would_change_it'][number]['steps'][number];

export interface ExplainService {
  /** @throws AppError not_found, permission_denied, validation_failed */
  explainAccess(ctx: Ctx, query: QueryOf<typeof accessAdministration.explain>): Promise<Answer>;
}

export const createExplainService = (deps: { readonly isFeatureEnabled: IsFeatureEnabled }): ExplainService => ({
  async explainAccess(ctx, query) {
    const context = contextOf(query);
    const nowMs = ctx.now().getTime();
    const [visible, world, modules = []] = await Promise.all([
      readVisibility(ctx, context),
      readWorld(ctx.db, ctx.tenant.id, { userId: query.user_id }),
      listModules(ctx.db, ctx.tenant.id),
    ]);
    const user = world.subjects.find(({ id }) => id === query.user_id);
    if (user === undefined || !hasPlace(world, context)) throw new AppError('not_found');
    if (!visible.everything && ![...user.assignments, ...user.overrides].some((row) => isAround(row, context))) {
      throw new AppError('not_found');
    }
    const { bit, module } = permissions[query.permission];
    const question = { subject: user, roles: world.roles, context, bit, nowMs };
    const found = explainAccess(question);
    const state = describeModules(modules, deps.isFeatureEnabled, nowMs).find(({ code }) => code === module);
    if (state === undefined) throw new Error(`the module ${module} is not in the database; run db:seed`);
    const reachability = reachabilityOf(world, user, context, nowMs);
    const isReached = reachability === null;
    const outcome = outcomeOf({ world, user, found, reachability, bit, context, module: state });
    const alternatives = suggestChanges(question, isReached ? found : { ...found, held: false }, isReached);
    return {
      user: { id: user.id, email: user.email, name: user.name, status: user.status },
      permission: query.permission,
      context: { organization_id: context.organizationId, workspace_id: context.workspaceId },
      decision: outcome === 'allowed' ? 'allowed' : 'denied',
      outcome,
      detail: details[outcome],
      tenant_status: world.tenantStatus,
      context_reachable: isReached,
      ...describeSteps(world, found, (row) => visible.everything || isAround(row, context)),
      held: found.held,
      expires_at: instantOf(found.expiresAtMs),
      module: state,
      what_would_change_it: changesOf({ outcome, found, user, module: state, isReached, alternatives }),
    };
  },
});

function contextOf({ organization_id, workspace_id }: QueryOf<typeof accessAdministration.explain>): Context {
  if (workspace_id !== undefined && organization_id === undefined) {
    const fields = [{ path: '/query/organization_id', message: 'is required with a workspace' }];
    throw new AppError('validation_failed', undefined, { fields });
  }
  return { organizationId: organization_id ?? null, workspaceId: workspace_id ?? null };
}

/** Explaining takes the permission where the question is asked about, not where the caller is. */
async function readVisibility(ctx: Ctx, context: Context): Promise<{ readonly everything: boolean }> {
  const caller = await readCaller(ctx, ctx.db);
  const permission = 'admin.access.explain';
  const holds = (reach: Reach) =>
    includesAll(compileReach({ ...caller, reach, nowMs: ctx.now().getTime() }).bits, bitsOfCodes([permission]));
  if (holds(wholeTenant)) return { everything: true };
  const { organizationId, workspaceId } = context;
  const scope = workspaceId === null ? 'organization' : 'workspace';
  if (organizationId === null || !holds({ scope, organizationId, workspaceId })) {
    throw permissionDenied(permission);
  }
  return { everything: false };
}

/** Does the row lie in the context, or reach it from a wider scope? Others are not the business of who is asked about it. */
const isAround = (row: Reach, { organizationId, workspaceId }: Context): boolean =>
  row.scope === 'tenant' ||
  (row.organizationId === organizationId &&
    (row.workspaceId === null || workspaceId === null || row.workspaceId === workspaceId));

/** Why the user cannot choose the context; null: they can. */
function reachabilityOf(world: World, user: Subject, context: Context, nowMs: number): Outcome | null {
  if (context.organizationId === null) return null;
  const reachable = listReachable(world.organizations, user.assignments, nowMs);
  if (isReachable(reachable, context)) return null;
  const organization = reachable.find(({ id }) => id === context.organizationId);
  const needsWorkspace = organization?.workspaceRequired === true && context.workspaceId === null;
  return needsWorkspace ? 'workspace_required' : 'context_not_allowed';
}

/** The first refusal that a request would meet, in the order in which requests are checked. */
function outcomeOf(parts: {
  readonly world: World;
  readonly user: Subject;
  readonly found: Explanation;
  readonly reachability: Outcome | null;
  readonly bit: number;
  readonly context: Context;
  readonly module: Answer['module'];
}): Outcome {
  const { world, user, found, module } = parts;
  if (world.tenantStatus !== 'active') return 'tenant_suspended';
  if (!module.available && module.decided_by === 'feature_flag') return 'feature_disabled';
  if (user.status !== 'active') return user.status === 'disabled' ? 'user_disabled' : 'user_invited';
  if (parts.reachability !== null) return parts.reachability;
  if (parts.context.organizationId === null && !isTenantWide(parts.bit)) return 'context_required';
  if (!found.held) return 'permission_denied';
  return module.available ? 'allowed' : 'module_unavailable';
}

const details = {
  allowed: 'The user may do this here',
  tenant_suspended: 'The tenant is suspended: nobody may do anything',
  user_disabled: 'The user is disabled and cannot sign in',
  user_invited: 'The user has not accepted the invitation yet',
  feature_disabled: 'The feature is switched off in this installation',
  context_not_allowed: 'No role of the user reaches this place, so they cannot choose it',
  workspace_required: 'This organization is entered by a workspace only',
  context_required: 'This permission holds in an organization; none is given',
  permission_denied: 'Roles and overrides do not give the permission here',
  module_unavailable: 'The user has the permission, but the tenant does not have the module',
} as const satisfies Record<Outcome, string>;

function describeSteps(world: World, found: Explanation, isVisible: (row: Reach) => boolean) {
  const placeOf = (row: Reach & { readonly expiresAtMs: number | null }) => ({
    scope: row.scope,
    organization_id: row.organizationId,
    workspace_id: row.workspaceId,
    expires_at: instantOf(row.expiresAtMs),
  });
  return {
    user_roles: found.assignments
      .filter(({ row }) => isVisible(row))
      .map(({ row, applies, hasPermission }) => ({
        id: row.id,
        role_id: row.roleId,
        role_name: world.roles.get(row.roleId)?.name ?? 'deleted',
        ...placeOf(row),
        applies,
        has_permission: hasPermission,
      })),
    held_by_roles: found.heldByRoles,
    overrides: found.overrides
      .filter(({ row }) => isVisible(row))
      .map(({ row, applies, heldAfter }) => ({
        id: row.id,
        effect: row.effect,
        ...placeOf(row),
        reason: row.reason,
        applies,
        held_after: heldAfter,
      })),
  };
}

/** What other layers than roles and overrides ask for comes first, in every alternative. */
function changesOf(parts: {
  readonly outcome: Outcome;
  readonly found: Explanation;
  readonly user: Subject;
  readonly module: Answer['module'];
  readonly isReached: boolean;
  readonly alternatives: readonly Alternative[];
}): Answer['what_would_change_it'] {
  const { outcome, user, module } = parts;
  const first: Step[] = [];
  const add = (kind: Step['kind'], detail: string, code: string | null = null) =>
    first.push({ kind, id: null, code, detail });
  // Neither is the tenant's own to change.
  if (outcome === 'tenant_suspended' || outcome === 'feature_disabled') return [];
  if (outcome === 'allowed') return parts.alternatives.map((steps) => ({ steps: steps.map(complete) }));
  if (user.status !== 'active') {
    add('enable_user', user.status === 'disabled' ? 'Enable the user' : 'The user accepts the invitation');
  }
  if (!module.available) add('obtain_module', `Obtain the module ${module.name}`, module.code);
  if (outcome === 'context_required') add('choose_organization', 'Ask again for an organization');
  if (outcome === 'workspace_required') add('choose_workspace', 'Ask again for one of its workspaces');
  const isDecided = parts.found.held && parts.isReached;
  if (isDecided || outcome === 'context_required' || outcome === 'workspace_required') return [{ steps: first }];
  return parts.alternatives.map((steps) => ({ steps: [...first, ...steps.map(complete)] }));
}

const complete = (step: Alternative[number]): Step => ({ ...step, code: null });
const instantOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
