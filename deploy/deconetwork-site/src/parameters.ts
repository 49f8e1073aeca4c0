/** What was sent, in the query and in the body, as `qs` reads it: texts, and objects for `conditions[1][field]`. */
export type Parameters = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A parameter as a text; JSON bodies have numbers and booleans. Undefined when it is missing, or no single value. */
export function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A whole number; NaN when it is something else, undefined when it is missing. */
export function integerOf(parameters: Parameters, name: string): number | undefined {
  const text = textOf(parameters, name);
  if (text === undefined) return undefined;
  return /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** `1`, `true`, `on` and their opposites, as forms send them. */
export function flagOf(parameters: Parameters, name: string): boolean | undefined {
  const text = textOf(parameters, name);
  return text === undefined ? undefined : ['1', 'true', 'on', 'yes'].includes(text.toLowerCase());
}

/** The entries of `name[1][…]`, `name[2][…]`, … in their order, or of a JSON array; none when it is absent. */
export function entriesOf(parameters: Parameters, name: string): Parameters[] {
  const value = parameters[name];
  if (Array.isArray(value)) return value.filter(isObject);
  if (!isObject(value)) return [];
  return Object.entries(value)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, entry]) => entry)
    .filter(isObject);
}
