import type { DnOrderRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { Contact, Order } from '../shapes.js';
import { nameOr, textOrNull } from './text.js';

type Customer = DnOrderRecord['customer'];

/** Whose order it is, of what the order says: a site has no list of customers. @throws RangeError when it names nobody */
export function customerOf(order: Order): Customer {
  const billing = order.billing_details ?? order.shipping_details ?? null;
  const id = textOrNull(order.customer_id, 100) ?? textOrNull(billing?.user_id, 100);
  if (id === null || id === '0') throw new RangeError('/customer_id: the order names no customer');
  const person = [billing?.firstname, billing?.lastname].flatMap((text) => textOrNull(text) ?? []).join(' ');
  return {
    dn_id: id,
    name: nameOr(`Customer ${id}`, person, billing?.company, billing?.email),
    email: emailOf(billing?.email),
    company: textOrNull(billing?.company),
    phone: textOrNull(billing?.ph_number, 64),
    billing: addressOf(order.billing_details),
    shipping: addressOf(order.shipping_details),
  };
}

function emailOf(text: string | null | undefined): string | null {
  const email = textOrNull(text, 1_000);
  return email !== null && email.length <= 254 && /^[^\s@]+@[^\s@]+$/.test(email) ? email : null;
}

function addressOf(contact: Contact | null | undefined): Customer['billing'] {
  const line1 = textOrNull(contact?.street);
  const city = textOrNull(contact?.city);
  if (line1 === null && city === null) return null;
  const country = textOrNull(contact?.country_code)?.toUpperCase() ?? '';
  return {
    line1: line1 ?? '',
    city: city ?? '',
    region: textOrNull(contact?.state),
    postal_code: textOrNull(contact?.postcode, 32),
    country: /^[A-Z]{2}$/.test(country) ? country : null,
  };
}
