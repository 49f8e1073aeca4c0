import { createHmac, type KeyObject } from 'node:crypto';

/** What failures are counted by. '' stands for "of all": neither an e-mail nor an address. */
export interface ThrottleKeys {
  /** Of the e-mail that was tried, known or not. Keyed: a copy of the table tells nobody's address. */
  readonly account: string;
  /** The caller's /24 or /64; '' where there is no address. */
  readonly network: string;
}

/** What is counted: failed sign-ins, or mails that somebody asked for. */
export type ThrottledUse = 'sign-in' | 'mail' | 'api-key';

export const subjectOf = (key: KeyObject, use: ThrottledUse, subject: string): string =>
  createHmac('sha256', key).update(`${use} ${subject}`).digest('hex');

/**
 * The network that one household or one machine's many addresses share: RFC 4291 gives a link 64 bits of them.
 * '' for what is no address.
 */
export function networkOf(ip: string | null): string {
  if (ip === null) return '';
  const v4 = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/i.exec(ip);
  if (v4 !== null) return `${v4[1]}.0/24`;
  if (!URL.canParse(`http://[${ip}]/`)) return '';
  // The URL parser writes an address in its one shortest form.
  const [head = '', tail] = new URL(`http://[${ip}]/`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return `${[...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4).join(':')}::/64`;
}
