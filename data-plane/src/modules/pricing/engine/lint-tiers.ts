import type { Rule } from '@platen/schema/contracts/data/pricing-rules';
import { compare, type Exact, parseExact, subtract, zero } from './exact.js';
import type { LintProduct, LintVariant } from './lint-catalogue.js';
import { type Finding, finding } from './lint-finding.js';
import { type Case, decorationFor, isForProduct, isPriced, isUsed, type Priced, type Prober } from './lint-probe.js';
import { isTiered, type TieredRule } from './lint-structure.js';

/** On so many products a rule is tried; the first that shows a fault is enough. */
const maxProducts = 3;

interface Placed<R extends Rule = Rule> {
  readonly rule: R;
  readonly index: number;
}

/** What steps of a rule do to each other: dearer with more pieces, less in total, quantities or colours without a price. */
export function lintSteps(prober: Prober): Finding[] {
  const findings: Finding[] = [];
  for (const [index, rule] of prober.content.rules.entries()) {
    if (!isTiered(rule) && rule.kind !== 'rush') continue;
    const found = new Map<string, Finding>();
    for (const product of productsFor(prober, rule)) {
      const looks = isTiered(rule)
        ? tierLooks(prober, { rule, index }, product)
        : rushLooks(prober, { rule, index }, product);
      for (const it of looks) {
        if (it && !found.has(it.problem + it.path)) found.set(it.problem + it.path, it);
      }
    }
    findings.push(...oneDrop([...found.values()]));
  }
  return findings;
}

/** Nearly every break of a price list makes a few pieces more cost less: said once of a rule. */
function oneDrop(findings: readonly Finding[]): Finding[] {
  const drop = findings.find(({ problem }) => problem === 'total_drops');
  return findings.filter((it) => it.problem !== 'total_drops' || it === drop);
}

export const productsFor = ({ catalogue }: Prober, rule: Rule): LintProduct[] =>
  catalogue.products.filter((it) => it.variants.length > 0 && isForProduct(rule, it)).slice(0, maxProducts);

/** Its tiers in the order of pieces, each with its place in the rule. */
const ascending = ({ effect }: TieredRule): { readonly from: number; readonly place: number }[] =>
  effect.tiers
    .map(({ from }, place) => ({ from, place }))
    .filter(({ from }, place, all) => all.findIndex((other) => other.from === from) === place)
    .sort((a, b) => a.from - b.from);

function* tierLooks(prober: Prober, at: Placed<TieredRule>, product: LintProduct): Generator<Finding | null> {
  const { rule } = at;
  const [variant] = product.variants;
  if (!variant) return;
  const tiers = ascending(rule);
  for (const [n, { from, place }] of tiers.entries()) {
    if (from === 1) continue;
    const before = tiers[n - 1] ?? null;
    for (const decorations of decorationsFor(rule, before?.place ?? null, place)) {
      yield compareAround(prober, at, place, { product, variant, from, decorations, isFirst: before === null });
    }
  }
  if (rule.kind === 'screen_print') yield* colourLooks(prober, at, product);
}

/** What shows the difference of two tiers: a garment alone, or the measures that the tiers price differently. */
function decorationsFor(rule: TieredRule, before: number | null, place: number): Case['decorations'][] {
  const one = (measures: { colours?: number; stitches?: number }) => {
    const decoration = decorationFor(rule, measures);
    return decoration ? [decoration] : [];
  };
  if (rule.kind === 'screen_print') {
    const lower = before === null ? undefined : rule.effect.tiers[before]?.prices;
    const colours = rule.effect.tiers[place]?.prices.findIndex(
      (price, colour) => compare(parseExact(price), parseExact(lower?.[colour] ?? price)) > 0,
    );
    return [one({ colours: Math.max(colours ?? 0, 0) + 1 })];
  }
  if (rule.kind === 'embroidery') {
    const included = Math.max(rule.effect.included_stitches, 1);
    return [one({ stitches: included }), one({ stitches: Math.min(included + 20_000, 1_000_000) })];
  }
  return [one({})];
}

interface Edge {
  readonly product: LintProduct;
  readonly variant: LintVariant;
  readonly from: number;
  readonly decorations: Case['decorations'];
  readonly isFirst: boolean;
}

/** One piece fewer than a tier asks for, and as many as it asks for. */
function compareAround(prober: Prober, at: Placed, place: number, edge: Edge): Finding | null {
  const { product, variant, from, decorations = [], isFirst } = edge;
  const below = `/effect/tiers/${place}`;
  const [fewer, more] = [from - 1, from].map((quantity) =>
    prober.probe({ product, sizes: [{ variant, quantity }], decorations }),
  );
  if (!fewer || !more || !isPriced(more)) return null;
  if (!isPriced(fewer)) {
    if (!isFirst || decorations.length === 0 || !isUsed(more, at.rule)) return null;
    return finding('tier_gap', at, below, `Fewer than ${from} pieces have no price`, [fewer.basket]);
  }
  const witness = [fewer.basket, more.basket];
  const isDearer = compare(parseExact(more.line.unitPrice), parseExact(fewer.line.unitPrice)) > 0;
  const isLess = compare(parseExact(more.line.lineTotal), parseExact(fewer.line.lineTotal)) < 0;
  if (!isDearer && !isLess) return null;
  // That it is this rule's doing, the receipts tell.
  const change = compare(effectOf(more, at.rule), effectOf(fewer, at.rule));
  if (isDearer && change > 0 && isUsed(more, at.rule)) {
    const message = `${from} pieces cost ${more.line.unitPrice} each, ${from - 1} only ${fewer.line.unitPrice}`;
    return finding('tier_inverted', at, below, message, witness);
  }
  if (isLess && change < 0 && isUsed(more, at.rule)) {
    const message = `${from} pieces cost ${more.line.lineTotal} in all, ${from - 1} cost ${fewer.line.lineTotal}`;
    return finding('total_drops', at, below, message, witness);
  }
  return null;
}

/** What the rule added to the price of a piece, or took from it. */
function effectOf(priced: Priced, { id }: Rule): Exact {
  const [first] = priced.receipt().steps.find((step) => step.rule_id === id)?.prices ?? [];
  return first ? subtract(parseExact(first.after), parseExact(first.before)) : zero;
}

/** Colours that some tier of the matrix prices and another one does not; and garments whose under-base is one too many. */
function* colourLooks(prober: Prober, at: Placed<TieredRule>, product: LintProduct): Generator<Finding | null> {
  const { rule } = at;
  if (rule.kind !== 'screen_print') return;
  const { tiers, underbase } = rule.effect;
  const widest = Math.max(...tiers.map(({ prices }) => prices.length));
  const dark =
    underbase && product.variants.find(({ options }) => underbase.values.includes(options[underbase.option] ?? ''));
  const light = product.variants.find((variant) => variant !== dark && !isDark(variant, underbase));
  for (const [place, { from, prices }] of tiers.entries()) {
    const tries: { variant: LintVariant; colours: number; why: string }[] = [];
    if (light && prices.length < widest) tries.push({ variant: light, colours: prices.length + 1, why: '' });
    // Of an under-base once: it is one too many in every tier of a matrix of one width.
    if (dark && place === 0) tries.push({ variant: dark, colours: prices.length, why: ' with an under-base' });
    for (const { variant, colours, why } of tries) {
      const decoration = decorationFor(rule, { colours });
      const probed = prober.probe({
        product,
        sizes: [{ variant, quantity: from }],
        decorations: decoration ? [decoration] : [],
      });
      if (!probed || isPriced(probed) || probed.refusal.code !== 'price_unavailable') yield null;
      else {
        const message = `From ${from} pieces, ${colours} colours${why} have no price`;
        yield finding('colours_gap', at, `/effect/tiers/${place}`, message, [probed.basket]);
        break;
      }
    }
  }
}

const isDark = (
  { options }: LintVariant,
  underbase: { option: string; values: readonly string[] } | undefined,
): boolean => underbase?.values.includes(options[underbase.option] ?? '') ?? false;

/** Work that may wait longer and costs more. */
function* rushLooks(prober: Prober, at: Placed, product: LintProduct): Generator<Finding | null> {
  const [variant] = product.variants;
  if (at.rule.kind !== 'rush' || !variant) return;
  const leads = at.rule.effect.lead_times
    .map(({ within_days: days }, place) => ({ days, place }))
    .sort((a, b) => a.days - b.days);
  for (const [n, { days, place }] of leads.entries()) {
    const sooner = leads[n - 1];
    if (!sooner) continue;
    const [soon, late] = [sooner.days, days].map((dueIn) =>
      prober.probe({ product, sizes: [{ variant, quantity: 1 }], dueIn }),
    );
    if (!soon || !late || !isPriced(soon) || !isPriced(late) || !isUsed(soon, at.rule) || !isUsed(late, at.rule)) {
      yield null;
    } else if (compare(parseExact(late.line.unitPrice), parseExact(soon.line.unitPrice)) > 0) {
      const message = `Due in ${days} days costs ${late.line.unitPrice}, due in ${sooner.days} only ${soon.line.unitPrice}`;
      yield finding('lead_times_inverted', at, `/effect/lead_times/${place}`, message, [soon.basket, late.basket]);
    } else yield null;
  }
}
