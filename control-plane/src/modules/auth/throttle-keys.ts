import { createHmac, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { callerNetwork } from '@platen/chassis/http/caller-network';

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
  if (ip === null || isIP(ip) === 0) return '';
  const network = callerNetwork(ip);
  const v4 = /^(\d+\.\d+\.\d+)\.\d+$/.exec(network);
  return v4 === null ? network : `${v4[1]}.0/24`;
}
