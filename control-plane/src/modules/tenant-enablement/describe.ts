import type { OutputOf } from '@platen/schema/contract';
import type { tenantLimits, tenantModules, tenantProducts } from '@platen/schema/contracts/platform/tenant-enablement';
import {
  describeModules,
  type Enablement,
  type IsFeatureEnabled,
  instantOf,
  type ModuleRow,
  type ProductRow,
} from '../availability/index.js';
import { effectiveLimit } from '../limits/index.js';
import type { LimitRow } from './repo.js';

export type ProductAnswer = OutputOf<typeof tenantProducts.set>;
export type ModuleAnswer = OutputOf<typeof tenantModules.set>;
export type LimitAnswer = OutputOf<typeof tenantLimits.set>;

const setOf = (enablement: Enablement | null): ProductAnswer['set'] =>
  enablement === null
    ? null
    : {
        kind: enablement.enabled ? enablement.source : 'off',
        valid_until: instantOf(enablement.validUntilMs),
      };

export const productAnswer = ({ code, name, product }: ProductRow): ProductAnswer => ({
  code,
  name,
  set: setOf(product),
});

export const moduleAnswers = (
  rows: readonly ModuleRow[],
  isFeatureEnabled: IsFeatureEnabled,
  nowMs: number,
): ModuleAnswer[] =>
  describeModules(rows, isFeatureEnabled, nowMs).map((decision, index) => ({
    ...decision,
    in_plan: rows[index]?.inPlan ?? false,
    set: setOf(rows[index]?.module ?? null),
  }));

export function limitAnswer(row: LimitRow, users: number): LimitAnswer {
  const { value, decidedBy } = effectiveLimit(row);
  return {
    code: row.code,
    value,
    decided_by: decidedBy,
    ...(row.has_plan && { plan_value: row.plan }),
    // The others are counted where they are spent.
    ...(row.code === 'users' && { used: users }),
  };
}
