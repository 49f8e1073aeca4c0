import type { Rule, RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';
import type { Basket, BasketDecoration, PricedLine } from './basket.js';
import { compileRuleSet } from './compile.js';
import type { LintCatalogue, LintCustomer, LintProduct, LintVariant } from './lint-catalogue.js';
import { priceBasket } from './price-basket.js';
import { PricingRefusal } from './refusal.js';

/** Prices tried in one look at a draft, at most: some two seconds of work for a large one. */
const maxProbes = 40_000;
/** Rules know no dates but the days until work is due. */
const day = '2026-01-01';
const afterDays = (days: number): string => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
/** A draft has no version yet; nothing keeps these receipts. */
const unpublished = { id: '00000000-0000-0000-0000-000000000000', hash: '' };
/** Findings are about net prices. */
const untaxed = { taxRounding: 'document', taxRates: new Map([['none', '0']]) } as const;

export interface Case {
  readonly product: LintProduct;
  readonly sizes: readonly { readonly variant: LintVariant; readonly quantity: number }[];
  readonly customer?: LintCustomer | null;
  readonly decorations?: readonly BasketDecoration[];
  /** Days until it is due. */
  readonly dueIn?: number | null;
}
/** What of a receipt tells which rules made a price. */
export interface Step {
  readonly rule_id: string;
  readonly prices: readonly {
    readonly before: string;
    readonly after: string;
    readonly sizes: readonly number[] | null;
  }[];
}
interface Receipt {
  readonly steps: readonly Step[];
  readonly fees: readonly { readonly rule_id: string }[];
}
export interface Priced {
  readonly basket: Basket;
  readonly line: PricedLine;
  readonly receipt: () => Receipt;
}
export type Probed = Priced | { readonly basket: Basket; readonly refusal: PricingRefusal };

/** Tries prices of a draft by the engine itself. */
export interface Prober {
  readonly content: RuleSetContent;
  readonly catalogue: LintCatalogue;
  /** null: as many prices as one look may cost were tried. */
  probe(given: Case): Probed | null;
}

export function createProber(content: RuleSetContent, catalogue: LintCatalogue): Prober {
  const compiled = compileRuleSet({ ...unpublished, content });
  let left = maxProbes;
  return {
    content,
    catalogue,
    probe(given) {
      if (left === 0) return null;
      left -= 1;
      const basket = basketOf(given, content.currency);
      try {
        const [line] = priceBasket(compiled, basket, untaxed).lines;
        if (!line) throw new Error('a basket of one line has one price');
        let receipt: Receipt | undefined;
        // Written by the engine a moment ago.
        const parse = () => JSON.parse(line.receipt) as Receipt;
        return {
          basket,
          line,
          receipt: () => {
            receipt ??= parse();
            return receipt;
          },
        };
      } catch (refusal) {
        if (refusal instanceof PricingRefusal) return { basket, refusal };
        throw refusal;
      }
    },
  };
}

export const isPriced = (probed: Probed | null): probed is Priced => probed !== null && 'line' in probed;

const basketOf = ({ product, sizes, customer, decorations, dueIn }: Case, currency: string): Basket => ({
  priceOn: day,
  dueOn: dueIn === undefined || dueIn === null ? null : afterDays(dueIn),
  currency,
  customer: customer ? { ...customer, taxExempt: true } : null,
  lines: [
    {
      productId: product.id,
      categoryId: product.categoryId,
      taxClass: 'none',
      basePrice: product.basePrice,
      designId: null,
      decorations: decorations ?? [],
      sizes: sizes.map(({ variant, quantity }) => ({
        variantId: variant.id,
        quantity,
        priceDelta: variant.priceDelta,
        cost: variant.cost,
        options: variant.options,
      })),
    },
  ],
});

/** Whether the rule had a part in the price. */
export function isUsed({ receipt }: Priced, { id }: Rule): boolean {
  const { steps, fees } = receipt();
  return steps.some((step) => step.rule_id === id) || fees.some((fee) => fee.rule_id === id);
}

export const isForProduct = ({ conditions }: Rule, product: Pick<LintProduct, 'id' | 'categoryId'>): boolean =>
  (!conditions.product_ids && !conditions.category_ids) ||
  (conditions.product_ids?.includes(product.id) ?? false) ||
  (product.categoryId !== null && (conditions.category_ids?.includes(product.categoryId) ?? false));

/** A decoration that the rule is about; null: the rule is about garments. */
export function decorationFor(
  rule: Rule,
  measures: { colours?: number; stitches?: number } = {},
): BasketDecoration | null {
  const plain = {
    location: ('locations' in rule.conditions && rule.conditions.locations?.[0]) || 'front',
    designId: null,
    colours: null,
    stitches: null,
    widthMm: null,
    heightMm: null,
    reorder: false,
  };
  const process = processOf(rule);
  if (process === null) return null;
  if (process === 'screen_print') return { ...plain, process, colours: measures.colours ?? 1 };
  if (process === 'embroidery') return { ...plain, process, stitches: measures.stitches ?? 1 };
  return { ...plain, process, widthMm: 1_000, heightMm: 1_000 };
}

function processOf(rule: Rule): BasketDecoration['process'] | null {
  if (rule.kind === 'screen_print' || rule.kind === 'embroidery') return rule.kind;
  if (rule.kind === 'area_price') return rule.conditions.processes[0] ?? null;
  return rule.kind === 'setup_fee' ? (rule.conditions.processes?.[0] ?? 'screen_print') : null;
}
