import type { BasketLine, BasketSize } from './basket.js';
import { applyChange } from './changes.js';
import type { CompiledRuleSet } from './compile.js';
import type { LineCounts } from './counts.js';
import type { Change, DecorationEntry, Entry, SetupEntry } from './entries.js';
import { add, compare, type Exact, formatExact, integer, multiply, parseExact, roundHalfUp, zero } from './exact.js';
import type { Buyer, Plan, PlannedSize, SizeClass } from './plan.js';

/** What a line is priced in: the same values, and only they, decide the receipt's bytes. */
export interface LineContext {
  readonly compiled: CompiledRuleSet;
  readonly customer: Buyer | null;
  readonly priceOn: string;
  readonly dueOn: string | null;
  /** From the one to the other; null: nobody said when it is due. */
  readonly days: number | null;
  readonly counts: LineCounts;
  /** Index in the basket, for refusals. */
  readonly index: number;
}

/** Sizes that rules can't tell apart. */
export interface Group {
  readonly delta: string;
  readonly cost: Exact | null;
  readonly sizeClass: SizeClass;
  quantity: number;
}

/** Groups that went the same way so far: their price is computed and written once. */
export interface Track {
  readonly groups: readonly Group[];
  /** For the receipt: indices of sizes, `null` for all; empty until it is written first. */
  sizes: string;
  price: Exact;
  /** What the price would be without discounts. */
  gross: Exact;
  text: string;
}

/** A fee that is due for an artwork, whichever line bears it. */
export interface FeeDue {
  readonly entry: DecorationEntry | SetupEntry;
  readonly designId: string | null;
  readonly location: string | null;
  readonly amount: Exact;
  readonly effect: string;
}

/** A tier or discount that took effect: by these a run with more pieces is told from the one without. */
export interface Choice {
  readonly entry: Entry;
  readonly from: number;
  readonly decoration: number;
}

/** One pass over the rules of a line. */
export interface LineRun {
  readonly line: BasketLine;
  readonly plan: Plan;
  readonly context: LineContext;
  readonly sizes: readonly PlannedSize[];
  readonly groups: readonly Group[];
  /** By index of the line's sizes. */
  readonly groupOf: readonly Group[];
  /** Further pieces of this line, in the present mix of sizes. */
  readonly more: number;
  /** Whether the receipt's parts are written. */
  readonly recording: boolean;
  /** `more` included. */
  readonly quantity: number;
  tracks: Track[];
  readonly picks: Choice[];
  /** Kinds of which a rule has decided for the line. */
  readonly decided: Entry['kind'][];
  /** By index: whether a rule has priced the decoration. */
  readonly decorated: boolean[];
  /** Artworks that a set-up rule has decided on; null is the line's own. */
  readonly setUp: (string | null)[];
  readonly fees: FeeDue[];
  /** The manner that the first discount set. */
  discounts: 'none' | 'stackable' | 'exclusive';
  steps: string;
  losers: string;
}

export const decide = (run: LineRun, { kind }: Entry): void => {
  run.decided.push(kind);
};

/** The group of each size. */
export function groupSizes(line: BasketLine, plan: Plan, sizes: readonly PlannedSize[], groups: Group[]): Group[] {
  const groupOf: Group[] = [];
  for (let index = 0; index < line.sizes.length; index += 1) {
    const size = line.sizes[index] as BasketSize;
    const delta = plan.usesDelta ? normalAmount(size.priceDelta) : noAmount;
    const cost = plan.usesCost && size.cost !== null ? parseExact(size.cost) : null;
    const { sizeClass } = sizes[index] as PlannedSize;
    let group: Group | undefined;
    for (let at = 0; at < groups.length; at += 1) {
      const other = groups[at] as Group;
      if (other.sizeClass === sizeClass && other.delta === delta && sameCost(other.cost, cost)) group = other;
    }
    if (!group) {
      group = { delta, cost, sizeClass, quantity: 0 };
      groups.push(group);
    }
    group.quantity += size.quantity;
    groupOf.push(group);
  }
  return groupOf;
}

const sameCost = (a: Exact | null, b: Exact | null): boolean =>
  a === b || (a !== null && b !== null && compare(a, b) === 0);

const noAmount = '0.0000';
/** Four decimals, as the database gives them: most amounts are that already. */
export const normalAmount = (amount: string): string =>
  amount.charCodeAt(amount.length - 5) === 46 ? amount : formatExact(parseExact(amount));

/** What a receipt says of a track: from which price to which, for which sizes. */
export function priceText(run: LineRun, track: Track, before: string): string {
  track.sizes ||= sizesText(run, track);
  return `{"after":"${track.text}","before":"${before}","sizes":${track.sizes}}`;
}

function sizesText({ groups, groupOf }: LineRun, track: Track): string {
  if (track.groups.length === groups.length) return 'null';
  let text = '';
  for (let index = 0; index < groupOf.length; index += 1) {
    if (track.groups.includes(groupOf[index] as Group)) text += text ? `,${index}` : `${index}`;
  }
  return `[${text}]`;
}

/**
 * A rule's effect on the running unit price of all groups, or of those of which `concerns` says so. Returns whether
 * there were any.
 */
export function takeEffect(
  run: LineRun,
  entry: Entry,
  { change, effect }: { readonly change: Change; readonly effect: string },
  conditions: string,
  concerns: ((group: Group, track: Track) => boolean) | null = null,
): boolean {
  if (concerns) splitTracks(run, concerns);
  let prices = '';
  let any = false;
  for (const track of run.tracks) {
    if (concerns && !concerns(track.groups[0] as Group, track)) continue;
    any = true;
    const same = track.gross === track.price;
    track.price = applyChange(track.price, change);
    if (entry.kind !== 'discount') track.gross = same ? track.price : applyChange(track.gross, change);
    if (run.recording) {
      const before = track.text;
      track.text = formatExact(track.price);
      prices += `${prices && ','}${priceText(run, track, before)}`;
    }
  }
  if (any && run.recording) writeStep(run, entry, conditions, effect, prices);
  return any;
}

/** `conditions`: members in sorted order. Effects hold nothing that JSON escapes. */
export function writeStep(run: LineRun, entry: Entry, conditions: string, effect: string, prices: string): void {
  run.steps +=
    `${run.steps ? ',{"conditions":{' : '{"conditions":{'}${conditions}},"effect":"${effect}${entry.stepMiddle}` +
    `${prices}${entry.stepEnd}`;
}

/** So that every track is concerned as a whole or not at all. */
function splitTracks(run: LineRun, concerns: (group: Group, track: Track) => boolean): void {
  if (run.groups.length === 1) return;
  const tracks: Track[] = [];
  for (const track of run.tracks) {
    const inside: Group[] = [];
    const outside: Group[] = [];
    for (const group of track.groups) (concerns(group, track) ? inside : outside).push(group);
    if (inside.length === 0 || outside.length === 0) tracks.push(track);
    else tracks.push(partOf(track, inside), partOf(track, outside));
  }
  run.tracks = tracks;
}

const partOf = ({ price, gross, text }: Track, groups: readonly Group[]): Track => ({
  groups,
  sizes: '',
  price,
  gross,
  text,
});

/** Notes why a rule that was considered did not apply. `reason`: plain words. */
export function lose(run: LineRun, entry: Entry, reason: string): void {
  // The same few reasons come again and again: kept whole, a text is not put together anew each time.
  let text = entry.losses.get(reason);
  if (text === undefined) {
    if (entry.losses.size >= keptLosses) entry.losses.clear();
    text = `{${entry.kindText},"reason":"${reason}",${entry.nameText}}`;
    entry.losses.set(reason, text);
  }
  run.losers += run.losers ? `,${text}` : text;
}
const keptLosses = 50;

/** The unit prices, rounded at their point, times the pieces that are there now: exact. */
export function sumPieces(run: LineRun, priceOf: (track: Track) => Exact = netPrice): Exact {
  let sum = zero;
  for (const track of run.tracks) {
    let pieces = 0;
    for (const group of track.groups) pieces += group.quantity;
    sum = add(sum, multiply(unitPrice(run, priceOf(track)), integer(pieces)));
  }
  return sum;
}
const netPrice = (track: Track): Exact => track.price;
export const grossPrice = (track: Track): Exact => track.gross;

export const unitPrice = ({ context }: LineRun, price: Exact): Exact =>
  roundHalfUp(price, context.compiled.unitPriceDecimals);
