export interface Difference {
  /** JSON pointer. */
  readonly path: string;
  /** As JSON; null: not there. */
  readonly receipt: string | null;
  readonly replayed: string | null;
}

/** More would not tell more. */
const most = 100;

/** Where two JSON values differ, at the smallest parts that do. */
export function differencesOf(receipt: unknown, replayed: unknown): Difference[] {
  const found: Difference[] = [];
  compareAt('', receipt, replayed, found);
  return found.slice(0, most);
}

function compareAt(path: string, left: unknown, right: unknown, found: Difference[]): void {
  if (found.length >= most) return;
  if (isObject(left) && isObject(right) && Array.isArray(left) === Array.isArray(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const name = key.replaceAll('~', '~0').replaceAll('/', '~1');
      compareAt(`${path}/${name}`, left[key], right[key], found);
    }
  } else if (left !== right) found.push({ path, receipt: textOf(left), replayed: textOf(right) });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const textOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
