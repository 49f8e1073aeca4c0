import type { jobPriorities } from '@platen/schema/states/production-job';
import { compare, parseExact, subtract, zero } from '../../modules/pricing/index.js';
import type { PlacedLine, PlacedOrder } from '../document-rows.js';
import { type Random, seedId } from '../random.js';
import { dayMs, hourMs, type Maker } from './plan.js';
import type { Stage } from './stages.js';
import type { Stockroom } from './stockroom.js';

export interface SeedJob {
  readonly id: string;
  readonly number: string;
  readonly order: PlacedOrder;
  readonly line: PlacedLine;
  /** Among the stages, from the left. */
  readonly stage: number;
  readonly priority: (typeof jobPriorities)[number];
  readonly createdAt: Date;
  readonly quantity: number;
  readonly done: number;
  readonly scrapped: Scrap | null;
  readonly reprintOf: SeedJob | null;
  readonly artwork: 'approved' | 'pending' | 'changed';
}
export interface Scrap {
  readonly sizeId: string;
  readonly variantId: string;
  readonly pieces: number;
  readonly reason: string;
  readonly at: Date;
}

export interface FloorInput {
  readonly maker: Maker;
  readonly orders: readonly PlacedOrder[];
  readonly stages: readonly Stage[];
  readonly room: Stockroom;
  /** Hash of each design's artwork. */
  readonly hashes: ReadonlyMap<string, string>;
  readonly random: Random;
  readonly now: Date;
}

const priorities: readonly [SeedJob['priority'], ...SeedJob['priority'][]] = [
  'normal',
  'normal',
  'normal',
  'normal',
  'low',
  'high',
  'urgent',
];
const mishaps = [
  'Ink bled on the sleeve',
  'Print is off centre',
  'Hole from the needle',
  'Scorched in the dryer',
] as const;

/** The cards of the board: of every order in production, and of those that were confirmed more than a day ago. */
export function makeJobs(input: FloorInput): SeedJob[] {
  const { orders, now } = input;
  const rooms = new Map<string, number>();
  const jobs = orders
    .filter(({ status, confirmedAt }) => status === 'in_production' || now.getTime() - confirmedAt.getTime() > dayMs)
    .flatMap((order) => order.lines.map((line) => makeJob(input, order, line, rooms)));
  for (const { id, order, scrapped } of jobs) if (scrapped) writeOff(input, id, order, scrapped);
  return [...jobs, ...jobs.flatMap((job) => makeAgain(input, job))];
}

function makeJob(input: FloorInput, order: PlacedOrder, line: PlacedLine, taken: Map<string, number>): SeedJob {
  const { maker, random } = input;
  const createdAt = new Date(order.confirmedAt.getTime() + hourMs / 2);
  const number = `${order.number}-${line.position}`;
  const artwork = artworkOf(input, line);
  const stage = artwork === 'approved' ? stageOf(input, order, line, taken) : 0;
  const code = input.stages[stage]?.code;
  const isPrinted = stage > input.stages.findIndex((each) => each.code === 'press');
  const isStarted = isPrinted || (code === 'press' && random.oneIn(2));
  const scrapped = isStarted && random.oneIn(6) ? spoil(input, line, order) : null;
  const good = line.quantity - (scrapped?.pieces ?? 0);
  const done = isPrinted ? good : isStarted ? random.between(1, good) : 0;
  const id = seedId(`${maker.name}/job/${line.id}`, createdAt.getTime(), line.position);
  const priority = random.pick(priorities);
  const { quantity } = line;
  return { id, number, order, line, stage, priority, createdAt, quantity, done, scrapped, reprintOf: null, artwork };
}

function artworkOf({ hashes, random }: FloorInput, { designIds }: PlacedLine): SeedJob['artwork'] {
  if (designIds.length === 0) return 'approved';
  if (designIds.some((id) => !hashes.has(id)) || random.oneIn(7)) return 'pending';
  return random.oneIn(15) ? 'changed' : 'approved';
}

/** Nothing is printed before its blanks are there; no stage has more than it takes. */
function stageOf(
  { stages, room, random }: FloorInput,
  order: PlacedOrder,
  line: PlacedLine,
  taken: Map<string, number>,
): number {
  const place = (code: string) => stages.findIndex((stage) => stage.code === code);
  if (order.status === 'confirmed') return random.between(1, place('blanks') - 1);
  if (isWaiting(room, line)) return place('blanks');
  const wanted = random.oneIn(3) ? place('press') : random.between(place('pre-press'), stages.length - 1);
  const key = `${order.workspaceId} ${wanted}`;
  const count = taken.get(key) ?? 0;
  const limit = stages[wanted]?.wipLimit ?? null;
  if (limit !== null && count >= limit) return place('blanks');
  taken.set(key, count + 1);
  return wanted;
}

const sizesOf = ({ sheet }: Stockroom, line: PlacedLine) => sheet.sizes.filter(({ lineId }) => lineId === line.id);
/** Production did not take all of it: it was not there then. */
const isWaiting = (room: Stockroom, line: PlacedLine): boolean =>
  sizesOf(room, line).some(({ open }) => compare(open, zero) !== 0);

function spoil({ random, now }: FloorInput, { sizes: [size] }: PlacedLine, { startedAt }: PlacedOrder): Scrap | null {
  if (!size) return null;
  const pieces = random.between(1, Math.min(3, size.quantity));
  const spentMs = (now.getTime() - startedAt.getTime()) * (0.5 + random.next() / 4);
  const at = new Date(startedAt.getTime() + Math.round(spentMs));
  return { sizeId: size.id, variantId: size.variantId, pieces, reason: random.pick(mishaps), at };
}

function writeOff({ maker, room }: FloorInput, id: string, order: PlacedOrder, scrapped: Scrap): void {
  const { sheet, happenings } = room;
  const { variantId, pieces, sizeId, reason, at } = scrapped;
  happenings.set(id, { at, by: maker.making.pressId });
  sheet.move(variantId, parseExact(String(pieces)), sheet.outside('production'), sheet.outside('loss'), {
    kind: 'scrap',
    type: 'production_job',
    id,
    orderId: order.id,
    orderLineSizeId: sizeId,
    reason,
    workspaceId: order.workspaceId,
  });
}

/** Every other mishap is made good again already, where there are blanks that nobody was promised. */
function makeAgain({ maker, room, random }: FloorInput, job: SeedJob): SeedJob[] {
  const { order, line, scrapped } = job;
  if (!scrapped || random.oneIn(3)) return [];
  const { sheet, main, happenings } = room;
  const { onHand, reserved } = sheet.level(main.id, scrapped.variantId);
  const blanks = parseExact(String(scrapped.pieces));
  if (compare(subtract(onHand, reserved), blanks) < 0) return [];
  const createdAt = new Date(scrapped.at.getTime() + hourMs);
  const id = seedId(`${maker.name}/reprint/${job.id}`, createdAt.getTime());
  happenings.set(id, { at: createdAt, by: maker.making.pressId });
  sheet.move(scrapped.variantId, blanks, main, sheet.outside('production'), {
    kind: 'reprint',
    type: 'production_job',
    id,
    orderId: order.id,
    orderLineSizeId: scrapped.sizeId,
    workspaceId: order.workspaceId,
  });
  const again = { id, number: `${job.number}-R1`, stage: 0, createdAt, quantity: scrapped.pieces, done: 0 };
  return [{ ...job, ...again, line, priority: 'high', scrapped: null, reprintOf: job }];
}
