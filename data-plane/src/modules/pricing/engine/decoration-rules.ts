import type { BasketDecoration } from './basket.js';
import { addEffect } from './changes.js';
import { artworkOf } from './counts.js';
import type { AreaEntry, DecorationEntry, Effect, EmbroideryEntry, ScreenPrintEntry, SetupEntry } from './entries.js';
import { add, compare, type Exact, formatShort, integer, multiply } from './exact.js';
import { dueFee } from './fees.js';
import { type Group, type LineRun, lose, takeEffect } from './line-run.js';
import { decorates } from './plan.js';
import { countFor, countText, needs, reachedTier } from './unit-rules.js';

/** A decoration at its place in the line, with the pieces that count for it. */
interface Work {
  readonly decoration: BasketDecoration;
  readonly place: number;
  readonly designId: string | null;
  readonly count: number;
}

/** The first rule that has a price for a decoration decides it; each decoration is decided apart. */
export function applyDecorationRule(run: LineRun, entry: DecorationEntry): void {
  const { line } = run;
  let used = false;
  let why = '';
  for (const [place, decoration] of line.decorations.entries()) {
    if (!entry.processes.has(decoration.process)) continue;
    if (run.decorated[place]) {
      why ||= 'an earlier rule decided';
    } else if (!decorates(entry, decoration)) {
      why ||= 'no decoration is at its locations';
    } else {
      const designId = artworkOf(line, decoration);
      const work = { decoration, place, designId, count: countFor(run, entry, designId) };
      const problem = price(run, entry, work);
      if (problem === null) {
        run.decorated[place] = true;
        used = true;
      } else why ||= problem;
    }
  }
  if (!used && run.recording) lose(run, entry, why);
}

/** Returns why it has no price, else null. */
function price(run: LineRun, entry: DecorationEntry, work: Work): string | null {
  if (work.count < entry.least) return needs(entry, work.count);
  switch (entry.kind) {
    case 'screen_print':
      return screenPrint(run, entry, work);
    case 'embroidery':
      return embroidery(run, entry, work);
    case 'area_price':
      return areaPrice(run, entry, work);
  }
}

function screenPrint(run: LineRun, entry: ScreenPrintEntry, work: Work): string | null {
  const { decoration, count } = work;
  const colours = decoration.colours ?? 0;
  const tier = reachedTier(entry.tiers, count);
  const dark = ({ sizeClass }: Group) => sizeClass.underbased.includes(entry);
  const underbased = entry.underbase !== null && run.groups.some(dark);
  const screens = underbased ? colours + 1 : colours;
  const plain = tier?.prices[colours - 1];
  const onDark = tier?.prices[screens - 1];
  if (!tier || !plain || !onDark) return `has no price for ${screens} colours from ${tier?.from ?? 0} pieces`;
  choose(run, entry, tier.from, work);
  if (!underbased) takeEffect(run, entry, plain, printText(run, entry, work, tier.from, colours, false));
  else {
    // All sizes together where all are dark.
    const light = run.groups.some((group) => !dark(group));
    const lightText = printText(run, entry, work, tier.from, colours, false);
    if (light) takeEffect(run, entry, plain, lightText, (group) => !dark(group));
    takeEffect(run, entry, onDark, printText(run, entry, work, tier.from, screens, true), light ? dark : null);
  }
  if (run.recording) dueScreens(run, entry, work, screens);
  return null;
}

const choose = (run: LineRun, entry: DecorationEntry, from: number, { place }: Work): void => {
  run.picks.push({ entry, from, decoration: place });
};

function printText(
  run: LineRun,
  entry: ScreenPrintEntry,
  work: Work,
  from: number,
  colours: number,
  underbase: boolean,
): string {
  if (!run.recording) return '';
  return `"colours":"${colours}",${workText(entry, work, from)}${underbase ? ',"underbase":"yes"' : ''}`;
}

/** Members between `colours` and `process`, sorted. */
const workText = (entry: DecorationEntry, { decoration, place, count }: Work, from: number): string =>
  `${countText(entry.count, from).replace(',', `,"decoration":"${place + 1}",`)}` +
  `,"location":${JSON.stringify(decoration.location)},"pieces":"${count}"`;

function dueScreens(run: LineRun, entry: ScreenPrintEntry, { decoration, designId }: Work, screens: number): void {
  const all = multiply(entry.screenFee, integer(screens));
  const amount = decoration.reorder ? multiply(all, entry.reorderFactor) : all;
  const effect = `${screens} ${screens === 1 ? 'screen' : 'screens'}${decoration.reorder ? entry.reorderText : entry.feeText}`;
  dueFee(run, { entry, designId, location: decoration.location, amount, effect });
}

function embroidery(run: LineRun, entry: EmbroideryEntry, work: Work): string | null {
  const { decoration, designId, count } = work;
  const stitches = decoration.stitches ?? 0;
  const tier = reachedTier(entry.tiers, count);
  if (!tier) return needs(entry, count);
  const thousands = Math.max(0, Math.ceil((stitches - entry.includedStitches) / 1_000));
  const value = add(tier.price, multiply(tier.perThousand, integer(thousands)));
  choose(run, entry, tier.from, work);
  const how = thousands > 0 ? ` = ${formatShort(tier.price)} + ${thousands} × ${formatShort(tier.perThousand)}` : '';
  addPrice(run, entry, work, tier.from, value, how, `,"stitches":"${stitches}"`);
  if (run.recording && !decoration.reorder) {
    dueFee(run, { entry, designId, location: null, amount: entry.digitizingFee, effect: 'digitizing' });
  }
  return null;
}

function areaPrice(run: LineRun, entry: AreaEntry, work: Work): string | null {
  const { decoration, count } = work;
  const tier = reachedTier(entry.tiers, count);
  if (!tier) return needs(entry, count);
  // Square millimetres over a hundred.
  const area: Exact = { units: (decoration.widthMm ?? 0) * (decoration.heightMm ?? 0), scale: 2 };
  const byArea = multiply(area, tier.perSquareCm);
  const least = compare(byArea, entry.minimum) < 0;
  choose(run, entry, tier.from, work);
  const how = ` = ${formatShort(area)} cm² × ${formatShort(tier.perSquareCm)}`;
  const size = `,"process":"${decoration.process}","square_cm":"${formatShort(area)}"`;
  addPrice(run, entry, work, tier.from, least ? entry.minimum : byArea, least ? ', the least' : how, size);
  return null;
}

function addPrice(
  run: LineRun,
  entry: DecorationEntry,
  work: Work,
  from: number,
  value: Exact,
  how: string,
  more: string,
): void {
  const added: Effect = addEffect(value);
  const effect = { change: added.change, effect: `${added.effect}${how}` };
  takeEffect(run, entry, effect, run.recording ? `${workText(entry, work, from)}${more}` : '');
}

/** Once for each artwork that a decoration of these processes shows anew. */
export function applySetup(run: LineRun, entry: SetupEntry): void {
  if (!run.recording) return;
  let used = false;
  let why = 'no decoration is of its processes';
  for (const decoration of run.line.decorations) {
    if (!entry.processes.has(decoration.process)) continue;
    const designId = artworkOf(run.line, decoration);
    if (decoration.reorder) why = 'a re-order needs no set-up';
    else if (run.setUp.includes(designId)) why = used ? why : 'an earlier set-up fee decided';
    else {
      run.setUp.push(designId);
      used = true;
      dueFee(run, { entry, designId, location: null, amount: entry.amount, effect: 'set-up' });
    }
  }
  if (!used) lose(run, entry, why);
}
