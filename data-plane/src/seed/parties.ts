import { type Random, seedId } from './random.js';

export interface SeedCustomer {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly email: string;
  readonly group: string | null;
  readonly taxExempt: boolean;
  readonly city: string;
}

export const customerGroups = ['club', 'school', 'agency', 'reseller', 'staff'] as const;
const first = ['North', 'Old Town', 'River', 'Hill', 'Harbour', 'Green', 'Silver', 'Sunny', 'Stone', 'Maple'] as const;
const second = [
  'Runners',
  'Brewery',
  'Bakery',
  'School',
  'Choir',
  'Cycling Club',
  'Studio',
  'Festival',
  'Garage',
  'Café',
] as const;
const cities = ['Berlin', 'Hamburg', 'Leipzig', 'Bremen', 'Kiel'] as const;

export function makeCustomers(owner: string, count: number, random: Random, atMs: number): SeedCustomer[] {
  return Array.from({ length: count }, (_, index) => {
    const code = `c-${String(index + 1).padStart(4, '0')}`;
    // Each pair of words once, then again with a number.
    const pair = `${first[index % 10]} ${second[Math.floor(index / 10) % 10]}`;
    const round = Math.floor(index / 100);
    return {
      id: seedId(`${owner}/customer/${code}`, atMs),
      code,
      name: round === 0 ? pair : `${pair} ${round + 1}`,
      email: `orders@${code}.example`,
      group: random.oneIn(3) ? null : random.pick(customerGroups),
      taxExempt: random.oneIn(12),
      city: random.pick(cities),
    };
  });
}
