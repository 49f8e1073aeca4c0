import type { Habits } from './habits.js';
import { asFloat } from './money.js';
import type { VendorContact, VendorDate } from './shapes.js';
import type { Amount, Instant, SiteCustomer } from './truth.js';

export interface Writing {
  readonly habits: Habits;
  /** The query that every link has. */
  readonly linkQuery: string;
  /** `https://` and the site's host. */
  readonly origin: string;
}

/** Writes amounts as doubles; of each three one is off by its last digit when the site has that habit. */
export function moneyWriter({ habits }: Writing, seed: number): (amount: Amount) => number {
  let n = seed;
  return (amount) => {
    n += 1;
    return asFloat(amount, habits.floats && n % 3 === 0);
  };
}

export function writeDate<T extends Instant | null>({ habits }: Writing, at: T): VendorDate | (T & null) {
  if (at === null) return at;
  const bare = at.slice(0, 19);
  return habits.dates === 'bare' ? bare : `${bare}.000+00:00`;
}

export function writeContact(customer: SiteCustomer): VendorContact {
  return {
    user_id: customer.id,
    email: customer.email,
    firstname: customer.firstName,
    lastname: customer.lastName,
    country_code: 'US',
    state: 'Texas',
    city: customer.city,
    street: `${customer.id % 900} Waters Park Road`,
    postcode: '78759',
    company: customer.company,
    company_id: null,
    salutation: null,
    ph_number: `+1 806-300-${String(customer.id % 10_000).padStart(4, '0')}`,
    custom_fields: [],
  };
}
