import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { Code, closed, Email, Id, literals, Name, nullable, Timestamp } from '../shapes.js';
import { moduleDecision } from './access-modules.js';
import { newOverride } from './permission-overrides.js';
import { PermissionCodeOf, RolePermissions } from './roles.js';
import { newUserRole, roleScopes } from './user-roles.js';

const Context = closed({ organization_id: nullable(Id), workspace_id: nullable(Id) });

export const access = contracts('access', {
  permissions: {
    method: 'GET',
    path: '/api/access/permissions',
    access: 'self',
    summary: 'What I may do in this context',
    status: 200,
    response: closed({
      context: Context,
      permissions: Type.Array(Type.String()),
      /** When the first role or override that this rests on ends; null: none does. */
      expires_at: nullable(Timestamp),
    }),
  },
});

/** Does a role or an override count in the context? */
const applies = literals(['yes', 'expired', 'elsewhere']);
const place = {
  scope: literals(roleScopes),
  organization_id: nullable(Id),
  workspace_id: nullable(Id),
  expires_at: nullable(Timestamp),
};

export const changeKinds = [
  'enable_user',
  'choose_organization',
  'choose_workspace',
  'obtain_module',
  'give_role',
  'remove_user_role',
  'remove_override',
  'allow_override',
  'deny_override',
] as const;
const Step = closed({
  kind: literals(changeKinds),
  /** Of the role to give, or the assignment or override to remove. */
  id: nullable(Id),
  /** Of the module to obtain. */
  code: nullable(Type.String()),
  detail: Type.String(),
});

export const explainOutcomes = [
  'allowed',
  'tenant_suspended',
  'user_disabled',
  'user_invited',
  'feature_disabled',
  'context_not_allowed',
  'workspace_required',
  'context_required',
  'permission_denied',
  'module_unavailable',
] as const;

const PreviewContexts = Type.Array(Context);
const Difference = closed({
  gains: Type.Array(Type.String()),
  loses: Type.Array(Type.String()),
  /** Where: the first of `context_count`. Without an organization: what concerns the tenant itself. */
  contexts: PreviewContexts,
  context_count: Type.Integer(),
});
const previewProblems = [
  'grant_exceeds_own',
  'last_admin',
  'system_role',
  'in_use',
  'duplicate',
  'not_found',
  'unknown_reference',
] as const;

export const accessAdministration = contracts('admin.access', {
  explain: {
    method: 'GET',
    path: '/api/admin/access/explain',
    access: requires('admin.access.explain'),
    summary: 'Why may somebody do something, or why not',
    description:
      'Decides as signing in does, and shows every step. Without an organization it explains what concerns the tenant itself, which takes the permission for the whole tenant; with one, there. Each entry of what_would_change_it suffices if all of its steps are done.',
    query: closed({
      user_id: Id,
      permission: PermissionCodeOf,
      organization_id: Type.Optional(Id),
      workspace_id: Type.Optional(Id),
    }),
    status: 200,
    response: closed({
      user: closed({ id: Id, email: Email, name: Name, status: Type.String() }),
      permission: Type.String(),
      context: Context,
      decision: literals(['allowed', 'denied']),
      outcome: literals(explainOutcomes),
      detail: Type.String(),
      tenant_status: Type.String(),
      /** May the user work there at all? */
      context_reachable: Type.Boolean(),
      user_roles: Type.Array(
        closed({ id: Id, role_id: Id, role_name: Name, ...place, applies, has_permission: Type.Boolean() }),
      ),
      held_by_roles: Type.Boolean(),
      /** In the order of application. */
      overrides: Type.Array(
        closed({
          id: Id,
          effect: literals(['allow', 'deny']),
          ...place,
          reason: Type.String(),
          applies,
          held_after: Type.Boolean(),
        }),
      ),
      /** What the user's token would say in this context. */
      held: Type.Boolean(),
      /** When the first role or override that the token rests on ends. */
      expires_at: nullable(Timestamp),
      module: closed(moduleDecision),
      what_would_change_it: Type.Array(closed({ steps: Type.Array(Step) })),
    }),
    errors: ['not_found'],
  },
  preview: {
    method: 'POST',
    path: '/api/admin/access/preview',
    access: requires('admin.access.preview'),
    summary: 'What a change of access would do, before it is made',
    description:
      'One change; nothing is written. Tells who gains and loses which permissions and where, and for what the change itself would be refused.',
    body: Type.Object(
      {
        role_create: Type.Optional(closed({ code: Code, name: Name, permissions: RolePermissions })),
        role_update: Type.Optional(
          closed({ id: Id, name: Type.Optional(Name), permissions: Type.Optional(RolePermissions) }),
        ),
        role_delete: Type.Optional(closed({ id: Id })),
        user_role_create: Type.Optional(closed(newUserRole)),
        user_role_delete: Type.Optional(closed({ id: Id })),
        permission_override_create: Type.Optional(closed(newOverride)),
        permission_override_delete: Type.Optional(closed({ id: Id })),
      },
      { additionalProperties: false, minProperties: 1, maxProperties: 1 },
    ),
    status: 200,
    response: closed({
      /** Those whose permissions differ: the first of `subject_count`. */
      subjects: Type.Array(
        closed({
          kind: literals(['user', 'api_key']),
          id: Id,
          name: Name,
          /** An invited or disabled user has the difference once they can sign in. */
          status: Type.String(),
          differences: Type.Array(Difference),
        }),
      ),
      subject_count: Type.Integer(),
      truncated: Type.Boolean(),
      problems: Type.Array(closed({ code: literals(previewProblems), detail: Type.String() })),
    }),
    idempotency: 'exempt',
    rateClass: 'compute',
  },
});
