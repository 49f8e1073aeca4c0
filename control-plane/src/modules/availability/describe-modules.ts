import type { OutputOf } from '@platen/schema/contract';
import type { accessModules } from '@platen/schema/contracts/control/access-modules';
import { decideModule, type ModuleDecision } from './decide-module.js';
import type { ModuleRow } from './repo.js';

export type IsFeatureEnabled = (flag: string) => boolean;

export const decideRow = (row: ModuleRow, isFeatureEnabled: IsFeatureEnabled, nowMs: number): ModuleDecision =>
  decideModule({ ...row, featureEnabled: row.featureFlag === null || isFeatureEnabled(row.featureFlag) }, nowMs);

type ModuleAnswer = OutputOf<typeof accessModules.modules>['items'][number];

/** Each module as the API shows it. */
export const describeModules = (
  rows: readonly ModuleRow[],
  isFeatureEnabled: IsFeatureEnabled,
  nowMs: number,
): ModuleAnswer[] =>
  rows.map((row) => {
    const decision = decideRow(row, isFeatureEnabled, nowMs);
    return {
      code: row.code,
      name: row.name,
      product: { code: row.productCode, name: row.productName },
      available: decision.available,
      decided_by: decision.decidedBy,
      reason: decision.reason,
      available_from: instantOf(decision.availableFromMs),
      valid_until: instantOf(decision.validUntilMs),
    };
  });

export const instantOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
