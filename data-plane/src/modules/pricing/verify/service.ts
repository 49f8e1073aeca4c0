import { AppError } from '@platen/chassis/http/app-error';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { pricing } from '@platen/schema/contracts/data/pricing';
import type { TenantCtx } from '../../module.js';
import { sha256 } from '../engine/canonical.js';
import type { CompiledRuleSet } from '../engine/compile.js';
import { parseReceipt, verifyReceipt } from '../engine/verify.js';
import { findRuleSetVersion } from '../repo.js';
import type { PricingService } from '../service.js';
import { differencesOf } from './differences.js';

type Verdict = OutputOf<typeof pricing.verify>;
type Fault = NonNullable<Verdict['reason']>;

export interface VerifyService {
  verify(ctx: TenantCtx, body: BodyOf<typeof pricing.verify>): Promise<Verdict>;
}

export function createVerifyService(deps: { readonly pricing: PricingService }): VerifyService {
  return {
    async verify(ctx, { receipt: text, receipt_hash: hash }) {
      if (sha256(text) !== hash) return fault('hash_mismatch', 'The text does not have this hash');
      const receipt = parseReceipt(text);
      if (!receipt) return fault('not_a_receipt', 'The text is not a receipt of the present format');
      const id = receipt.rule_set_version_id;
      const version = await findRuleSetVersion(ctx.db, id);
      if (!version) return fault('version_unknown', 'There is no such version of a price list');
      if (version.hash !== receipt.rule_set_hash) {
        return fault('version_changed', 'The version has another hash than the receipt names', id);
      }
      const compiled = await compiledOrNull(() => deps.pricing.ruleSet(ctx.db, version));
      if (!compiled) return fault('version_changed', 'The stored version is not what its hash says', id);
      const verdict = verifyReceipt(compiled, text, hash);
      if (verdict.ok) {
        return { verified: true, reason: null, detail: null, rule_set_version_id: id, differences: [] };
      }
      const { replayed = null } = verdict;
      if (replayed === null) return fault('other_result', 'These rules give no price', id);
      const differences = differencesOf(receipt, JSON.parse(replayed));
      return { ...fault('other_result', 'Pricing the line again gives another result', id), differences };
    },
  };
}

/** The engine refuses a text that is not what its hash says with a TypeError. */
async function compiledOrNull(compile: () => Promise<CompiledRuleSet>): Promise<CompiledRuleSet | null> {
  try {
    return await compile();
  } catch (error) {
    if (error instanceof TypeError || (error instanceof AppError && error.code === 'price_unavailable')) return null;
    throw error;
  }
}

const fault = (reason: Fault, detail: string, versionId: string | null = null): Verdict => ({
  verified: false,
  reason,
  detail,
  rule_set_version_id: versionId,
  differences: [],
});
