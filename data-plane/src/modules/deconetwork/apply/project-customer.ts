import { createChecker } from '@platen/chassis/validation/checker';
import { fold } from '@platen/chassis/validation/normalize';
import { Address } from '@platen/schema/contracts/data/customers';
import type { DnOrderRecord } from '@platen/schema/contracts/internal/deconetwork';
import { Code, Email } from '@platen/schema/contracts/shapes';
import type { Static } from 'typebox';

export type DnCustomer = DnOrderRecord['customer'];
type DnAddress = NonNullable<DnCustomer['billing']>;

/** A customer of ours as the site's record sets it. */
export interface CustomerFields {
  readonly name: string;
  readonly email: string | null;
  readonly addresses: readonly Static<typeof Address>[];
}

const checkers = { code: createChecker(Code), email: createChecker(Email), address: createChecker(Address) };
const maxNameLength = 200;

/** A company is the customer, and the person whom its letters go to. */
export const customerLabel = (customer: DnCustomer): string =>
  [customer.company, customer.name, customer.email].find((text) => /\S/.test(text ?? ''))?.trim() ??
  `DecoNetwork ${customer.dn_id}`;

/** What cannot be an e-mail address or a postal address here is left out. */
export function projectCustomer(customer: DnCustomer): CustomerFields {
  const email = fold(customer.email ?? '');
  const addresses = [
    ...addressOf('billing', customer.billing, customer.name),
    ...addressOf('shipping', customer.shipping, customer.name),
  ];
  return {
    name: customerLabel(customer).slice(0, maxNameLength),
    email: checkers.email.check(email) ? email : null,
    addresses,
  };
}

function addressOf(
  kind: 'billing' | 'shipping',
  address: DnAddress | null,
  recipient: string,
): Static<typeof Address>[] {
  const given = {
    kind,
    ...(/\S/.test(recipient) && { recipient: recipient.trim().slice(0, maxNameLength) }),
    line1: address?.line1.slice(0, maxNameLength) ?? '',
    city: address?.city.slice(0, maxNameLength) ?? '',
    ...(address?.region && { region: address.region.slice(0, maxNameLength) }),
    ...(address?.postal_code && { postal_code: address.postal_code }),
    country: address?.country ?? '',
  };
  return checkers.address.check(given) ? [given] : [];
}

/** A code of ours from the site's text: what a code cannot have becomes a dash. */
export function codeFrom(text: string): string | null {
  const code = fold(text)
    .replaceAll(/[^\p{L}\p{N}._/-]+/gu, '-')
    .replace(/^[._/-]+/, '')
    .slice(0, 64);
  return checkers.code.check(code) ? code : null;
}
