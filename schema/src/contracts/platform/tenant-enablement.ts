import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { limitCodes } from '../../modules.js';
import { moduleDecision } from '../control/access-modules.js';
import { Code, closed, Id, IdParams, literals, nullable, Timestamp } from '../shapes.js';
import { LimitValue } from './plans.js';

/** `plan`: by contract, ending at `valid_until`. `off`: switched off, until then. */
export const productKinds = ['plan', 'grant', 'trial', 'off'] as const;
export const moduleKinds = ['grant', 'trial', 'off'] as const;
export type ProductKind = (typeof productKinds)[number];

const ValidUntil = nullable(Timestamp);
const set = closed({ kind: literals(productKinds), valid_until: ValidUntil });
const NamedParams = closed({ id: Id, code: Code });

export const TenantProduct = closed({
  code: Type.String(),
  name: Type.String(),
  /** What was set for this tenant; null: nothing. */
  set: nullable(set),
});
export const TenantModule = closed({
  ...moduleDecision,
  in_plan: Type.Boolean(),
  /** What was set for this tenant; null: nothing. */
  set: nullable(set),
});
export const TenantLimit = closed({
  code: literals(limitCodes),
  /** What holds; null: unlimited. */
  value: nullable(Type.Integer()),
  /** `none`: neither the tenant nor its plan has the limit. */
  decided_by: literals(['tenant', 'plan', 'none'] as const),
  /** What the plan says; absent where it says nothing. */
  plan_value: Type.Optional(nullable(Type.Integer())),
  /** Absent where nothing is counted here. */
  used: Type.Optional(Type.Integer()),
});

const noted = 'Data planes follow within a second.';

export const tenantProducts = contracts('platform.tenantProducts', {
  list: {
    method: 'GET',
    path: '/platform/tenants/:id/products',
    access: { platform: 'auditor' },
    summary: 'List the products with what is set about them for a tenant',
    params: IdParams,
    status: 200,
    response: closed({ items: Type.Array(TenantProduct) }),
    errors: ['not_found'],
  },
  set: {
    method: 'PUT',
    path: '/platform/tenants/:id/products/:code',
    access: { platform: 'operator' },
    summary: 'Grant a product, give it on trial, end it, or switch it off',
    description: `A grant or trial brings every module of the product; after it the plan counts again. ${noted}`,
    params: NamedParams,
    body: closed({ kind: literals(productKinds), valid_until: Type.Optional(ValidUntil) }),
    status: 200,
    response: TenantProduct,
    errors: ['not_found'],
  },
  delete: {
    method: 'DELETE',
    path: '/platform/tenants/:id/products/:code',
    access: { platform: 'operator' },
    summary: 'Take back what was set about a product for a tenant',
    params: NamedParams,
    status: 204,
    errors: ['not_found'],
  },
});

export const tenantModules = contracts('platform.tenantModules', {
  list: {
    method: 'GET',
    path: '/platform/tenants/:id/modules',
    access: { platform: 'auditor' },
    summary: 'List the modules: what a tenant has, and which layer decides',
    params: IdParams,
    status: 200,
    response: closed({ items: Type.Array(TenantModule) }),
    errors: ['not_found'],
  },
  set: {
    method: 'PUT',
    path: '/platform/tenants/:id/modules/:code',
    access: { platform: 'operator' },
    summary: 'Grant a module, give it on trial, or switch it off',
    description: `After \`valid_until\` the plan counts again. ${noted}`,
    params: NamedParams,
    body: closed({ kind: literals(moduleKinds), valid_until: Type.Optional(ValidUntil) }),
    status: 200,
    response: TenantModule,
    errors: ['not_found'],
  },
  delete: {
    method: 'DELETE',
    path: '/platform/tenants/:id/modules/:code',
    access: { platform: 'operator' },
    summary: 'Take back what was set about a module for a tenant',
    params: NamedParams,
    status: 204,
    errors: ['not_found'],
  },
});

const LimitParams = closed({ id: Id, code: literals(limitCodes) });

export const tenantLimits = contracts('platform.tenantLimits', {
  list: {
    method: 'GET',
    path: '/platform/tenants/:id/limits',
    access: { platform: 'auditor' },
    summary: "List a tenant's limits, which layer decides, and what is used",
    params: IdParams,
    status: 200,
    response: closed({ items: Type.Array(TenantLimit) }),
    errors: ['not_found'],
  },
  set: {
    method: 'PUT',
    path: '/platform/tenants/:id/limits/:code',
    access: { platform: 'operator' },
    summary: "Give a tenant a limit of its own in place of its plan's",
    description: `null: unlimited. Nothing is taken away that is above it already. ${noted}`,
    params: LimitParams,
    body: closed({ value: nullable(LimitValue) }),
    status: 200,
    response: TenantLimit,
    errors: ['not_found'],
  },
  delete: {
    method: 'DELETE',
    path: '/platform/tenants/:id/limits/:code',
    access: { platform: 'operator' },
    summary: "Let the plan's limit count again",
    params: LimitParams,
    status: 204,
    errors: ['not_found'],
  },
});
