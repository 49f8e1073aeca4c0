import type { FieldMapName } from './search-fields.js';

/** How a site misbehaves, all of it seen or feared of the vendor's. What is `every: n` strikes each n-th call. */
export interface Habits {
  /** Which reading of the search fields 6 and 7 it follows. */
  readonly fieldMap: FieldMapName;
  /** `zoned`: `2024-10-09T02:24:39.000+00:00`; `bare`: `2024-10-09T02:24:39`. Both UTC. */
  readonly dates: 'bare' | 'zoned';
  /** In what order rows come that have no order asked for. */
  readonly sort: 'newest' | 'oldest';
  /** Some amounts are off by a double's last digit. */
  readonly floats: boolean;
  /** Links carry the login token, unless `skip_login_token=1` asks for none. */
  readonly tokenLinks: boolean;
  /** Before each n-th page of orders some are changed and some are new: offsets move under the reader. */
  readonly drift: { readonly everyPages: number; readonly changed: number; readonly added: number } | null;
  /** Each n-th page of any rows begins with the last row of the page before, beyond its limit. */
  readonly duplicates: { readonly everyPages: number } | null;
  /** Each n-th answer of `find` is a warning 40004, its rows good. */
  readonly warnings: { readonly every: number } | null;
  readonly slow: { readonly every: number; readonly delayMs: number } | null;
  /** Never answers; what was to be written is written. */
  readonly hang: { readonly every: number } | null;
  /** Half an answer, then the connection is gone; what was to be written is written. */
  readonly cut: { readonly every: number } | null;
  /** A page for people instead; nothing is written. */
  readonly html: { readonly every: number; readonly status: number; readonly page: HtmlPage } | null;
  readonly apiEnabled: boolean;
  /** Wrong credentials, whatever is sent: the password was changed. */
  readonly refuseCredentials: boolean;
  /** A status write that does not say `contact_customer` tells the customer. */
  readonly contactByDefault: boolean;
  /** What precedes the faulty line of a receipt is booked before the error is answered. */
  readonly brokenReceipts: boolean;
}

export type HtmlPage = 'login' | 'maintenance';

export const quietHabits: Habits = {
  fieldMap: 'a',
  dates: 'zoned',
  sort: 'newest',
  floats: true,
  tokenLinks: true,
  drift: null,
  duplicates: null,
  warnings: null,
  slow: null,
  hang: null,
  cut: null,
  html: null,
  apiEnabled: true,
  refuseCredentials: false,
  contactByDefault: true,
  brokenReceipts: false,
};

/** What goes wrong with one call. */
export type Fault =
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'html'; readonly status: number; readonly page: HtmlPage };

/** The fault of the `n`-th call (from 1), the worst first. */
export function faultOf(habits: Habits, n: number): Fault | null {
  const struck = (habit: { readonly every: number } | null) => habit !== null && n % habit.every === 0;
  const { hang, cut, html, slow } = habits;
  if (struck(hang)) return { kind: 'hang' };
  if (struck(cut)) return { kind: 'cut' };
  if (html !== null && struck(html)) return { kind: 'html', status: html.status, page: html.page };
  return slow !== null && struck(slow) ? { kind: 'slow', delayMs: slow.delayMs } : null;
}

/** Habits by name, for a site in another process; throws on what is no habit. */
export function changedHabits(habits: Habits, patch: unknown): Habits {
  if (typeof patch !== 'object' || patch === null) throw new TypeError('Habits are an object');
  const unknown = Object.keys(patch).find((name) => !Object.hasOwn(quietHabits, name));
  if (unknown !== undefined) throw new TypeError(`${unknown} is no habit`);
  return { ...habits, ...patch };
}
