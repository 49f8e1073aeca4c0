export interface LimitFacts {
  readonly has_own: boolean;
  /** null: unlimited. */
  readonly own: number | null;
  readonly has_plan: boolean;
  readonly plan: number | null;
}

export interface EffectiveLimit {
  /** null: as many as they like. */
  readonly value: number | null;
  /** `none`: neither the tenant nor its plan has this limit. */
  readonly decidedBy: 'tenant' | 'plan' | 'none';
}

/** A tenant's own limit stands in place of its plan's, also where it is the smaller one. */
export function effectiveLimit({ has_own, own, has_plan, plan }: LimitFacts): EffectiveLimit {
  if (has_own) return { value: own, decidedBy: 'tenant' };
  if (has_plan) return { value: plan, decidedBy: 'plan' };
  return { value: null, decidedBy: 'none' };
}
