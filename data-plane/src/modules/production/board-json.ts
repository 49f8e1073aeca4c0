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
  /** Stage, workspace, cards. */
  readonly jobs: string | null;
  /** Order, number, customer. */
  readonly orders: string | null;
  /** Product, design, lines that show them. */
  readonly lines: string | null;
  /** State, jobs that have artwork in it. */
  readonly artwork: string | null;
  /** Line, pieces. */
  readonly shorts: string | null;
  readonly customers: readonly Named[];
  readonly products: readonly (Named & { readonly code: string })[];
  readonly designs: readonly (Named & { readonly code: string; readonly thumbnail_file_id: string | null })[];
}

/** Between places of the board, what is of a place, rows, and columns: no id, number, rank or day has them. */
const [placeEnd, partEnd, rowEnd, columnEnd] = ['\u001c', '\u001d', '\u001e', '\u001f'] as const;
const listOf = (text: string | null, end: string): string[] => (text === null ? [] : text.split(end));
const rowsOf = (text: string | null): string[][] => listOf(text, rowEnd).map((row) => row.split(columnEnd));

/** As it goes over; `place` is JSON of the stage and the workspace, between the line's id and the rank. */
type CardRow = readonly [...text: string[], place: string];
const rankColumn = 4;

/** Cards of each stage from top to bottom. */
function cardsByStage(jobs: string | null): Map<string, CardRow[]> {
  const byStage = new Map<string, CardRow[]>();
  for (const text of listOf(jobs, placeEnd)) {
    const [stageId = '', workspaceId = '', cards = ''] = text.split(partEnd);
    const place = `","workspace_id":${plain(workspaceId)},"stage_id":"${stageId}","rank":"`;
    const rows = rowsOf(cards).map((row): CardRow => {
      row.push(place);
      return row as [...string[], string];
    });
    byStage.set(stageId, [...(byStage.get(stageId) ?? []), ...rows]);
  }
  // Ranks are compared byte by byte, and are of letters and digits.
  for (const rows of byStage.values()) rows.sort((a, b) => ((a[rankColumn] ?? '') < (b[rankColumn] ?? '') ? -1 : 1));
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
const plain = (text: string): string => (text === '' ? 'null' : `"${text}"`);
/** The column's scale is fixed, and pieces are counted whole. */
const whole = (quantity: string): string => quantity.slice(0, quantity.indexOf('.'));

function blanksJson(short: string | undefined, isTracked: boolean): string {
  if (!isTracked) return '","blanks":{"state":"not_tracked","short":0}}';
  if (short === undefined) return '","blanks":{"state":"there","short":0}}';
  return `","blanks":{"state":"short","short":${short}}}`;
}

/**
 * JSON of the board. Members stand in the order of the contract. It is joined from its parts once, at the end: added up
 * card by card it would be a tree of some ten thousand texts, which sending copies again.
 */
export function boardJson(board: BoardRow, isTracked: boolean, position: string): string {
  const cards = cardsByStage(board.jobs);
  const { orders, lines } = sharedParts(board);
  const artwork = artworkByJob(board.artwork);
  const shorts = new Map(rowsOf(board.shorts).map(([lineId = '', pieces]) => [lineId, pieces]));
  const parts: string[] = [];
  const writeCard = (row: CardRow, isFirst: boolean): void => {
    const [id = '', number = '', orderId = '', lineId = '', rank = '', priority = '', dueOn = ''] = row;
    const [, , , , , , , quantity = '', done = '', scrapped = '', reprintOf = '', version = '', place = ''] = row;
    parts.push(isFirst ? '{"id":"' : ',{"id":"', id, '","number":', JSON.stringify(number));
    parts.push(',"status":"open","order_id":"', orderId, '","order_line_id":"', lineId, place, rank);
    parts.push('","priority":"', priority, '","due_on":', plain(dueOn), ',"quantity":', whole(quantity));
    parts.push(',"quantity_done":', whole(done), ',"quantity_scrapped":', whole(scrapped));
    parts.push(',"reprint_of":', plain(reprintOf), ',"version":', version);
    parts.push(orders.get(orderId) ?? '', lines.get(lineId) ?? '', artwork.get(id) ?? 'none');
    // The blanks of a reprint were taken when it was made.
    parts.push(blanksJson(reprintOf === '' ? shorts.get(lineId) : undefined, isTracked));
  };
  parts.push('{"stages":[');
  for (const [index, stage] of board.stages.entries()) {
    const own = cards.get(stage.id) ?? [];
    parts.push(index === 0 ? '' : ',', JSON.stringify({ ...stage, count: own.length }).slice(0, -1), ',"cards":[');
    for (const [at, row] of own.entries()) writeCard(row, at === 0);
    parts.push(']}');
  }
  parts.push('],"position":"', position, '"}');
  return parts.join('');
}
