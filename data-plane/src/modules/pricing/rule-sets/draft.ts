import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import { maxRules, type Rule } from '@platen/schema/contracts/data/pricing-rules';
import type { DraftRule } from '@platen/schema/contracts/data/rule-sets';
import { listPositions, positionStep, spreadPositions } from './rules-repo.js';

/** A rule as the draft keeps it: with an id, and codes in the spelling that is compared. */
export function draftedRule(given: DraftRule, path: string, ids: { newId(): string }): Rule {
  const codes = (list: readonly string[], name: string) =>
    list.map((code, index) => normalizeCode(code, `${path}/conditions/${name}/${index}`));
  const { conditions } = given;
  const groups = 'customer_groups' in conditions ? conditions.customer_groups : undefined;
  const locations = 'locations' in conditions ? conditions.locations : undefined;
  return {
    ...given,
    id: given.id ?? ids.newId(),
    code: normalizeCode(given.code, `${path}/code`),
    conditions: {
      ...conditions,
      ...(groups && { customer_groups: codes(groups, 'customer_groups') }),
      ...(locations && { locations: codes(locations, 'locations') }),
    },
    // Kind, conditions and effect were one shape of the union and still are: only the spelling of codes changed.
  } as Rule;
}

/** @throws AppError duplicate when a code or an id comes twice */
export function requireDistinct(rules: readonly Rule[]): void {
  const seen = new Set<string>();
  const fields = rules.flatMap((rule, index) =>
    (['code', 'id'] as const).flatMap((name) => {
      const key = `${name} ${rule[name]}`;
      if (!seen.has(key)) {
        seen.add(key);
        return [];
      }
      return [{ path: `/body/rules/${index}/${name}`, message: 'A rule before has it already' }];
    }),
  );
  if (fields.length > 0) throw new AppError('duplicate', 'Two rules have the same code or id', { fields });
}

/** Where a rule is to stand; neither: at the end. */
export interface Place {
  readonly before_id?: string;
  readonly after_id?: string;
}

/** The last place of an int column is far away; spread out before it comes near. */
const farthest = 2 ** 30;

/**
 * A free position at the place, the rule that moves left out. Makes room when there is none.
 * @throws AppError validation_failed, unknown_reference
 */
export async function findPosition(tx: Tx, ruleSetId: string, place: Place, moving: string | null): Promise<number> {
  if (place.before_id !== undefined && place.after_id !== undefined) {
    throw refused('validation_failed', '/body/after_id', 'Either before one rule or after one');
  }
  const all = await listPositions(tx, ruleSetId);
  if (moving === null && all.length >= maxRules) {
    throw refused('validation_failed', '/body/rule', `A price list has ${maxRules} rules at most`);
  }
  const free = between(all, place, moving);
  if (free !== null) return free;
  spreadPositions(tx, ruleSetId);
  const spread = between(await listPositions(tx, ruleSetId), place, moving);
  if (spread === null) throw new Error('positions that were spread out leave room');
  return spread;
}

function between(
  all: readonly { readonly id: string; readonly position: number }[],
  { before_id: beforeId, after_id: afterId }: Place,
  moving: string | null,
): number | null {
  const others = all.filter(({ id }) => id !== moving);
  const anchor = beforeId ?? afterId;
  const at = anchor === undefined ? others.length : others.findIndex(({ id }) => id === anchor);
  if (at < 0) {
    const path = beforeId === undefined ? '/body/after_id' : '/body/before_id';
    throw refused('unknown_reference', path, 'The draft has no other such rule');
  }
  const next = afterId === undefined ? at : at + 1;
  const low = others[next - 1]?.position ?? 0;
  const high = others[next]?.position;
  if (high === undefined) return low + positionStep < farthest ? low + positionStep : null;
  return high - low > 1 ? Math.floor((low + high) / 2) : null;
}

const refused = (code: 'validation_failed' | 'unknown_reference', path: string, message: string): AppError =>
  new AppError(code, message, { fields: [{ path, message }] });
