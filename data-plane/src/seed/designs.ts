import type { SeedCustomer } from './parties.js';
import { type Random, seedId } from './random.js';

export interface SeedDesign {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  /** null: the shop's own, for everybody. */
  readonly customerId: string | null;
  readonly colours: number;
  readonly stitches: number;
  readonly widthMm: number;
  readonly heightMm: number;
}

const motives = ['Crest', 'Wordmark', 'Mascot', 'Anniversary'] as const;

/** A design or two for every third customer, and some of the shop's own; the artwork itself is still to come. */
export function makeDesigns(
  owner: string,
  customers: readonly SeedCustomer[],
  random: Random,
  atMs: number,
): SeedDesign[] {
  const make = (code: string, name: string, customerId: string | null): SeedDesign => ({
    id: seedId(`${owner}/design/${code}`, atMs),
    code,
    name,
    customerId,
    colours: random.between(1, 5),
    stitches: random.between(20, 120) * 100,
    widthMm: random.between(60, 280),
    heightMm: random.between(40, 300),
  });
  const own = ['Blank Star', 'Established', 'Crew'].map((name) =>
    make(name.toLowerCase().replace(' ', '-'), name, null),
  );
  const ofCustomers = customers
    .filter((_, index) => index % 3 === 0)
    .flatMap((customer) =>
      motives
        .slice(0, random.between(1, 2))
        .map((motive) => make(`${customer.code}-${motive.toLowerCase()}`, `${customer.name} ${motive}`, customer.id)),
    );
  return [...own, ...ofCustomers];
}
