import type { State } from './state.js';

/** Both sides in one spelling: without nothings, without ids that only one side knows, keys in order. */
function canonical(state: State): unknown {
  const { put: _put, ...rest } = structuredClone(state);
  for (const order of rest.orders)
    for (const line of order.lines) for (const size of line.sizes) Object.assign(size, { id: '' });
  return tidy({ ...rest, bills: rest.bills.toSorted() });
}

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, each]): [string, unknown] => [key, tidy(each)])
    .filter(([key, each]) => !(isId(key) && (each === 0 || isEmpty(each))))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}
const isId = (key: string): boolean => /^[0-9a-f]{8}-/.test(key);
const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** Where the tables are not what the model says; empty: nowhere. */
export function differences(model: State, tables: State): string[] {
  const found: string[] = [];
  walk('', canonical(model), canonical(tables), found);
  return found;
}

function walk(path: string, a: unknown, b: unknown, found: string[]): void {
  if (found.length >= 12) return;
  const areObjects = [a, b].every((each) => typeof each === 'object' && each !== null);
  if (!areObjects) {
    if (a !== b) found.push(`${path}: the model has ${JSON.stringify(a)}, the tables have ${JSON.stringify(b)}`);
    return;
  }
  const [left, right] = [Object.entries(a ?? {}), Object.entries(b ?? {})].map((entries) => new Map(entries));
  for (const key of new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])])) {
    walk(`${path}/${key}`, left?.get(key), right?.get(key), found);
  }
}

/**
 * A card's place among cards that its mover does not see is the product's choice; among those that he sees it is not, nor do
 * the others change places. Takes the tables' order where that holds.
 */
export function settleBoard(model: State, tables: State): string | undefined {
  const { put } = model;
  delete model.put;
  if (!put) return undefined;
  const [mine, theirs] = [model.board[put.stage] ?? [], tables.board[put.stage] ?? []];
  const workspaces = new Map(model.jobs.map(({ id, workspace }) => [id, workspace]));
  const isSeen = (id: string) => put.by === null || workspaces.get(id) === null || workspaces.get(id) === put.by;
  const rest = (ids: readonly string[]) => ids.filter((id) => !put.ids.includes(id)).join();
  const seen = (ids: readonly string[]) => ids.filter(isSeen).join();
  if (rest(mine) !== rest(theirs)) return 'Other cards than the one that was moved changed places';
  if (seen(mine) !== seen(theirs)) return 'The card is not where it was put';
  model.board[put.stage] = [...theirs];
  return undefined;
}
