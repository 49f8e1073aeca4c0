import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { limitCodes } from '../../modules.js';
import { decidedBys } from '../control/access-modules.js';
import {
  Code,
  closed,
  Id,
  IdParams,
  literals,
  Name,
  nullable,
  page,
  pageQuery,
  partial,
  stamps,
  Timestamp,
} from '../shapes.js';

export const LimitValue = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** null: unlimited; absent: the plan has no such limit. */
export const Limits = partial(Object.fromEntries(limitCodes.map((code) => [code, nullable(LimitValue)])));
const ModuleCodes = Type.Array(Code, { maxItems: 200, uniqueItems: true });

export const Plan = closed({
  id: Id,
  code: Code,
  name: Name,
  modules: Type.Array(Type.String()),
  limits: Limits,
  /** How many tenants have it. */
  tenants: Type.Integer(),
  ...stamps,
});

const place = { id: Id, slug: Type.String(), name: Name };
const Effect = closed({
  tenant: closed(place),
  /** What would no longer be there, and how much of it is in use. */
  lost: Type.Array(
    closed({
      module: Type.String(),
      /** Users who hold a permission of the module, by a role or by an override. */
      users: Type.Integer(),
      api_keys: Type.Integer(),
    }),
  ),
  /** What stays although the plan would not give it any more: granted, or on trial. */
  kept: Type.Array(
    closed({ module: Type.String(), decided_by: literals(decidedBys), valid_until: nullable(Timestamp) }),
  ),
  /** Limits below what is in use. */
  exceeded: Type.Array(closed({ limit_code: literals(limitCodes), limit: Type.Integer(), used: Type.Integer() })),
});

export const plans = contracts('platform.plans', {
  list: {
    method: 'GET',
    path: '/platform/plans',
    access: { platform: 'auditor' },
    summary: 'List plans with their modules and limits, oldest first',
    query: closed(pageQuery),
    status: 200,
    response: page(Plan),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/platform/plans/:id',
    access: { platform: 'auditor' },
    summary: 'Get a plan',
    params: IdParams,
    status: 200,
    response: Plan,
    errors: ['not_found'],
  },
  create: {
    method: 'POST',
    path: '/platform/plans',
    access: { platform: 'operator' },
    summary: 'Create a plan',
    body: closed({ code: Code, name: Name, modules: ModuleCodes, limits: Limits }),
    status: 201,
    response: Plan,
    errors: ['duplicate', 'unknown_reference'],
  },
  update: {
    method: 'PATCH',
    path: '/platform/plans/:id',
    access: { platform: 'operator' },
    summary: 'Change a plan for every tenant that has it',
    description:
      '`modules` and `limits` replace what is there, each as a whole. Data planes hear of every tenant on the plan. See the preview first.',
    params: IdParams,
    body: partial({ name: Name, modules: ModuleCodes, limits: Limits }),
    status: 200,
    response: Plan,
    errors: ['not_found', 'unknown_reference'],
  },
  delete: {
    method: 'DELETE',
    path: '/platform/plans/:id',
    access: { platform: 'operator' },
    summary: 'Delete a plan that no tenant has',
    params: IdParams,
    status: 204,
    errors: ['not_found', 'in_use'],
  },
  preview: {
    method: 'POST',
    path: '/platform/plans/:id/preview',
    access: { platform: 'operator' },
    summary: 'See what a change of a plan, or a move of a tenant onto it, would take away',
    description:
      'With `modules` or `limits`: the plan as it would then be, for every tenant that has it. With `tenant_id`: that tenant moved onto the plan. Nothing is written. `items` names the first tenants that something is taken from; the counts cover all.',
    params: IdParams,
    body: closed({
      modules: Type.Optional(ModuleCodes),
      limits: Type.Optional(Limits),
      tenant_id: Type.Optional(Id),
      max_items: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    }),
    status: 200,
    response: closed({
      /** Tenants looked at. */
      tenants: Type.Integer(),
      /** Tenants that lose a module or are over a limit. */
      affected: Type.Integer(),
      /** Tenants that lose each module. */
      lost: Type.Array(closed({ module: Type.String(), tenants: Type.Integer() })),
      exceeded: Type.Array(closed({ limit_code: literals(limitCodes), tenants: Type.Integer() })),
      /** Modules that the plan would give anew. */
      gained: Type.Array(Type.String()),
      items: Type.Array(Effect),
    }),
    errors: ['not_found', 'unknown_reference'],
    idempotency: 'exempt',
    rateClass: 'compute',
  },
});
