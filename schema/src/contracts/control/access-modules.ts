import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, literals, nullable, Timestamp } from '../shapes.js';

/** Which layer decides about a module, the first that has something to say. */
export const decidedBys = [
  'feature_flag',
  'product',
  'switch_off',
  'grant',
  'trial',
  'plan',
  'ended_grant',
  'ended_trial',
] as const;
export type DecidedBy = (typeof decidedBys)[number];

/** Of `platform.tenants.modules` too: what the tenant sees is what the platform sees. */
export const moduleDecision = {
  code: Type.String(),
  name: Type.String(),
  product: closed({ code: Type.String(), name: Type.String() }),
  available: Type.Boolean(),
  decided_by: literals(decidedBys),
  reason: Type.String(),
  available_from: nullable(Timestamp),
  valid_until: nullable(Timestamp),
};

export const accessModules = contracts('access', {
  modules: {
    method: 'GET',
    path: '/api/access/modules',
    access: 'self',
    summary: 'Which modules this tenant has, and why',
    description:
      'Each module of the catalogue: available or not, and which layer decided. `valid_until`: when what makes it available ends, or when a grant or trial ended. `available_from`: when a switch-off ends.',
    status: 200,
    response: closed({ items: Type.Array(closed(moduleDecision)) }),
  },
});
