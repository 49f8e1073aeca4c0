import type { DecidedBy } from '@platen/schema/contracts/control/access-modules';
import type { EnablementSource } from '@platen/schema/tables/control/tenants';

/** What was set for one tenant, on a product or on one of its modules. */
export interface Enablement {
  readonly enabled: boolean;
  readonly source: EnablementSource;
  /** Milliseconds since the epoch, exclusive; null: for good. */
  readonly validUntilMs: number | null;
}

export interface ModuleFacts {
  /** false: switched off for the whole installation. */
  readonly featureEnabled: boolean;
  readonly inPlan: boolean;
  readonly product: Enablement | null;
  readonly module: Enablement | null;
}

export interface ModuleDecision {
  readonly available: boolean;
  readonly decidedBy: DecidedBy;
  /** One sentence, for people. */
  readonly reason: string;
  /** Not available yet: from when it will be. */
  readonly availableFromMs: number | null;
  /** When what makes it available ends, or, of a grant or trial that is over, when it ended. null: open. */
  readonly validUntilMs: number | null;
}

/**
 * Whether a tenant has a module at a moment, and which layer says so. The first that has something to say decides:
 * feature flag, product switched off or ended, what was set for the module, a product that was granted, the plan.
 * What has ended says nothing any more, so a trial that ran out leaves the plan's answer standing.
 * `spanOf` says the same of all moments at once; a property test holds the two together.
 */
export function decideModule(facts: ModuleFacts, nowMs: number): ModuleDecision {
  const { product, module } = facts;
  const span = spanOf(facts);
  const isGift = product?.enabled === true && product.source !== 'plan';
  const answer = (decidedBy: DecidedBy, reason: string, endedAtMs: number | null = null): ModuleDecision => {
    const available = span !== null && span.startsMs <= nowMs && nowMs < span.endsMs;
    return {
      available,
      decidedBy,
      reason,
      availableFromMs: span !== null && nowMs < span.startsMs ? span.startsMs : null,
      validUntilMs: available ? finite(span.endsMs) : endedAtMs,
    };
  };
  if (!facts.featureEnabled) return answer('feature_flag', 'Switched off in this installation');
  if (product?.enabled === false && holds(product, nowMs)) return answer('product', 'The product is switched off');
  if (product?.enabled === true && !isGift && !holds(product, nowMs)) {
    return answer('product', 'The product has ended', product.validUntilMs);
  }
  if (module !== null && holds(module, nowMs)) {
    if (!module.enabled) return answer('switch_off', 'The module is switched off');
    return answer(module.source, reasons[module.source]);
  }
  if (product !== null && isGift && holds(product, nowMs)) return answer(product.source, giftReasons[product.source]);
  if (facts.inPlan) return answer('plan', reasons.plan);
  const ended = module?.enabled === true ? module : isGift ? product : null;
  if (ended === null || ended.source === 'plan') return answer('plan', 'The plan does not include the module');
  const what = ended.source === 'trial' ? 'trial' : 'grant';
  return answer(`ended_${what}`, `The ${what} has ended, and the plan does not include the module`, ended.validUntilMs);
}

const reasons = {
  plan: 'The plan includes the module',
  grant: 'The module was granted',
  trial: 'The module is on trial',
} as const satisfies Record<EnablementSource, string>;
const giftReasons = { ...reasons, grant: 'The product was granted', trial: 'The product is on trial' };

const holds = ({ validUntilMs }: Enablement, nowMs: number) => validUntilMs === null || nowMs < validUntilMs;
const finite = (ms: number) => (Number.isFinite(ms) ? ms : null);

export interface Span {
  /** Inclusive; -Infinity: ever since. */
  readonly startsMs: number;
  /** Exclusive; Infinity: for good. */
  readonly endsMs: number;
}

/**
 * When the module is available, whatever the moment; null: never. It is one stretch of time: each layer speaks from the
 * beginning to its end and then falls silent, so nothing that has ended comes back. `spansSql` is the same in SQL.
 */
export function spanOf({ featureEnabled, inPlan, product, module }: ModuleFacts): Span | null {
  if (!featureEnabled) return null;
  let startsMs = Number.NEGATIVE_INFINITY;
  let endsMs = inPlan ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (product?.enabled === true && product.source !== 'plan') endsMs = Math.max(endsMs, endOf(product));
  if (module?.enabled === true) endsMs = Math.max(endsMs, endOf(module));
  if (product?.enabled === true && product.source === 'plan') endsMs = Math.min(endsMs, endOf(product));
  for (const off of [product, module]) {
    if (off?.enabled === false) startsMs = Math.max(startsMs, endOf(off));
  }
  return startsMs < endsMs ? { startsMs, endsMs } : null;
}

const endOf = ({ validUntilMs }: Enablement) => validUntilMs ?? Number.POSITIVE_INFINITY;
