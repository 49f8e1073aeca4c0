import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { OutboundFailure } from './outbound-failure.js';
import { isPublicAddress } from './public-address.js';

export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

const resolveByMachine: Resolve = (hostname) => lookup(hostname, { all: true, verbatim: true });

/**
 * The lookup of a connection: what was looked at is what is connected to, because nobody resolves the name again. A name
 * that has one address of a network of its own, beside public ones, is refused whole.
 */
export const guardedLookup =
  (resolve: Resolve = resolveByMachine): LookupFunction =>
  (hostname, options, done) => {
    const found = resolve(hostname).then((addresses) => {
      const [first] = addresses;
      if (first === undefined) throw new OutboundFailure('unreachable', 'the name has no address', { reached: false });
      if (!addresses.every(({ address }) => isPublicAddress(address))) {
        throw new OutboundFailure('address_refused', 'its name leads to no address of the internet', {
          reached: false,
        });
      }
      return { first, addresses };
    });
    found.then(
      ({ first, addresses }) => (options.all ? done(null, [...addresses]) : done(null, first.address, first.family)),
      (error: Error) => done(error, '', 0),
    );
  };
