import type { OutputOf } from '@platen/schema/contract';
import type { productionBoard } from '@platen/schema/contracts/data/production';

type Board = OutputOf<typeof productionBoard.get>;
type Stage = Omit<Board['stages'][number], 'cards' | 'count'>;
type Card = Board['stages'][number]['cards'][number];

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What the statement of board.ts answers. Rows of text; null: none. */
export interface BoardRow {
  readonly position: string;
  readonly stages: readonly Stage[];
  /** Stage, workspace, columns of its cards. */
  readonly jobs: string | null;
  /** Job, JSON of the machine that it is on. */
  readonly machines: string | null;
  /** Order, number, customer. */
  readonly orders: string | null;
  /** Product, design, lines that show them. */
  readonly lines: string | null;
  /** State, jobs that have artwork in it. */
  readonly artwork: string | null;
  /** Pieces that a size of a line lacks, as a decimal; lines of such sizes. */
  readonly shorts: string | null;
  readonly customers: readonly Named[];
  readonly products: readonly (Named & { readonly code: string })[];
  readonly designs: readonly (Named & { readonly code: string; readonly thumbnail_file_id: string | null })[];
}

/** Between places of the board, what is of a place, rows, and columns: no id, number, rank or day has them. */
const [placeEnd, partEnd, rowEnd, columnEnd] = ['\u001c', '\u001d', '\u001e', '\u001f'] as const;
const listOf = (text: string | null, end: string): string[] => (text === null ? [] : text.split(end));
const rowsOf = (text: string | null): string[][] => listOf(text, rowEnd).map((row) => row.split(columnEnd));

/** What stands for no day. */
export const noDay = 'infinity';

/** Columns of a card. */
const cardWidth = 12;
const rankColumn = 4;

/** The card whose columns begin at `at`; `place` is JSON of its stage and workspace, between the line's id and the rank. */
interface CardRow {
  readonly columns: readonly string[];
  readonly at: number;
  readonly rank: string;
  readonly place: string;
}

/** Cards of each stage from top to bottom. A place's cards are cut up at once, which is cheaper than one by one. */
function cardsByStage(jobs: string | null): Map<string, CardRow[]> {
  const byStage = new Map<string, CardRow[]>();
  for (const text of listOf(jobs, placeEnd)) {
    const [stageId = '', workspaceId = '', cards = ''] = text.split(partEnd);
    const place = `","workspace_id":${plain(workspaceId)},"stage_id":"${stageId}","rank":"`;
    const columns = cards.split(columnEnd);
    const rows = byStage.get(stageId) ?? [];
    for (let at = 0; at < columns.length; at += cardWidth)
      rows.push({ columns, at, rank: columns[at + rankColumn] ?? '', place });
    byStage.set(stageId, rows);
  }
  // Ranks are compared byte by byte, and are of letters and digits.
  for (const rows of byStage.values()) rows.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return byStage;
}

/** The worst that is true of any of a job's artwork is told. */
const fromBestToWorst: readonly Card['artwork'][] = ['approved', 'pending', 'changed'];

function artworkByJob(text: string | null): Map<string, string> {
  const groups = rowsOf(text);
  const byJob = new Map<string, string>();
  for (const state of fromBestToWorst)
    for (const [stateOf, ...jobIds] of groups)
      if (stateOf === state) for (const jobId of jobIds) byJob.set(jobId, state);
  return byJob;
}

/** JSON by id, of what many cards have alike. */
function sharedParts(board: BoardRow): { orders: Map<string, string>; lines: Map<string, string> } {
  const customers = new Map(board.customers.map(({ id, name }) => [id, JSON.stringify(name)]));
  const products = new Map(
    board.products.map(({ id, code, name }) => [
      id,
      `,"product_code":${JSON.stringify(code)},"product_name":${JSON.stringify(name)}`,
    ]),
  );
  const designs = new Map(
    board.designs.map(({ id, code, name, thumbnail_file_id }) => [
      id,
      JSON.stringify({ id, code, name, thumbnail_file_id }),
    ]),
  );
  const orders = new Map(
    rowsOf(board.orders).map(([id = '', number = '', customerId = '']) => [
      id,
      `,"order_number":${JSON.stringify(number)},"customer_name":${customers.get(customerId)}`,
    ]),
  );
  const lines = new Map<string, string>();
  for (const [productId = '', designId = '', ...lineIds] of rowsOf(board.lines)) {
    const part = `${products.get(productId)},"design":${designs.get(designId) ?? 'null'},"artwork":"`;
    for (const lineId of lineIds) lines.set(lineId, part);
  }
  return { orders, lines };
}

/** JSON of a text that may be absent: of an id or a day, which need no escaping. */
const plain = (text: string): string => (text === '' || text === noDay ? 'null' : `"${text}"`);
/** The column's scale is fixed, and pieces are counted whole. */
const whole = (quantity: string): string => quantity.slice(0, quantity.indexOf('.'));

/** Quantities have four decimals. */
const unitsPerPiece = 10_000;

/** What each line lacks, in units of the last decimal: whole numbers, which add up exactly. */
function unitsShortByLine(text: string | null): Map<string, number> {
  const byLine = new Map<string, number>();
  for (const [pieces = '', ...lineIds] of rowsOf(text)) {
    const units = Number(pieces.replace('.', ''));
    for (const lineId of lineIds) byLine.set(lineId, (byLine.get(lineId) ?? 0) + units);
  }
  return byLine;
}

/** A piece that is lacking in part is lacking. Behind it comes the machine. */
function blanksJson(unitsShort: number | undefined, isTracked: boolean): string {
  if (!isTracked) return '","blanks":{"state":"not_tracked","short":0},"machine":';
  if (unitsShort === undefined) return '","blanks":{"state":"there","short":0},"machine":';
  return `","blanks":{"state":"short","short":${Math.ceil(unitsShort / unitsPerPiece)}},"machine":`;
}

/** JSON of the board. Members stand in the order of the contract. */
export function boardJson(board: BoardRow, isTracked: boolean, position: string): string {
  const cards = cardsByStage(board.jobs);
  const { orders, lines } = sharedParts(board);
  const artwork = artworkByJob(board.artwork);
  const shorts = unitsShortByLine(board.shorts);
  const machines = new Map(rowsOf(board.machines).map(([id = '', json = '']) => [id, json]));
  const cardJson = ({ columns, at, place }: CardRow): string => {
    const [id = '', number = '', orderId = '', lineId = '', rank, priority, dueOn = ''] = columns.slice(at, at + 7);
    const [quantity = '', done = '', scrapped = '', reprintOf = '', version] = columns.slice(at + 7, at + cardWidth);
    // The blanks of a reprint were taken when it was made.
    const unitsShort = reprintOf === '' ? shorts.get(lineId) : undefined;
    return (
      `{"id":"${id}","number":${JSON.stringify(number)},"status":"open","order_id":"${orderId}"` +
      `,"order_line_id":"${lineId}${place}${rank}","priority":"${priority}","due_on":${plain(dueOn)}` +
      `,"quantity":${whole(quantity)},"quantity_done":${whole(done)},"quantity_scrapped":${whole(scrapped)}` +
      `,"reprint_of":${plain(reprintOf)},"version":${version}${orders.get(orderId) ?? ''}${lines.get(lineId) ?? ''}` +
      `${artwork.get(id) ?? 'none'}${blanksJson(unitsShort, isTracked)}${machines.get(id) ?? 'null'}}`
    );
  };
  let json = '{"stages":[';
  let before = '';
  for (const stage of board.stages) {
    const own = cards.get(stage.id) ?? [];
    json += `${before}${JSON.stringify({ ...stage, count: own.length }).slice(0, -1)},"cards":[`;
    before = '';
    for (const row of own) {
      json += before + cardJson(row);
      before = ',';
    }
    json += ']}';
    before = ',';
  }
  return `${json}],"position":"${position}"}`;
}
