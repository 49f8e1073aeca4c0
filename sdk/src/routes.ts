/**
 * One endpoint at run time, in one short text so that the table costs a browser little:
 * `METHOD path flags`, e.g. `POST /api/erp/quotes/:id/send kv`. The generator writes it, `parseRoute` reads it.
 *
 * Flags: `a` needs no sign-in, `b` has a body, `c` sends a file as its body, `d` answers with bytes or text of any type,
 * `e` answers with a stream of events, `f` sends a file in a form, `j` sends JSON or
 * a file of another type in its place, `k` takes an Idempotency-Key, `n` answers with NDJSON, `o` that body is
 * bytes of any type and not CSV, `p` paged, `s` streams in either
 * direction (with `c`, `d`, `f`, `j` and `n`), `v` versioned, `w` waits for news (long poll by `wait_seconds`). Behind them, where
 * a stream ends for good: the types of its last events.
 */
export type RouteText = `${'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'} /${string} ${string}`;
export type RouteTree = { readonly [name: string]: RouteText | RouteTree };

export interface Route {
  /** The contract's name: `erp.quotes.send`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Types of events after which a stream is not opened again. */
  readonly ends: readonly string[];
  has(flag: 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'j' | 'k' | 'n' | 'o' | 'p' | 's' | 'v' | 'w'): boolean;
}

export function parseRoute(name: string, text: RouteText): Route {
  const [method = '', path = '', flags = '', ends = ''] = text.split(' ');
  return { name, method, path, ends: ends.split(','), has: (flag) => flags.includes(flag) };
}

/** Splits a flat input into the URL and what is left for the body. */
export function splitInput(
  route: Route,
  input: Readonly<Record<string, unknown>>,
  hasBody = route.has('b'),
): { path: string; body?: string } {
  const rest = { ...input };
  const path = route.path.replace(/:(\w+)/g, (_, key: string) => {
    const value = String(rest[key] ?? '');
    // An empty or dotted segment would make another endpoint's URL of it (RFC 3986 section 5.2.4).
    if (/^\.{0,2}$/.test(value)) throw new TypeError(`${route.name}: '${key}' is missing or not a path segment`);
    delete rest[key];
    return encodeURIComponent(value);
  });
  if (hasBody) return { path, body: JSON.stringify(rest) };
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(rest)) {
    if (value !== undefined && value !== null) query.append(key, String(value));
  }
  const text = query.toString();
  return { path: text ? `${path}?${text}` : path };
}
