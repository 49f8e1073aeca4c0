import t from 'tap';
import { parseExact } from '../pricing/index.js';
import { paymentStatusOf } from './payment-status.js';

// total, payments less refunds, was anything refunded → status
const table = [
  ['100.00', '0', false, 'unpaid'],
  ['100.00', '0.01', false, 'partial'],
  ['100.00', '99.99', false, 'partial'],
  ['100.00', '100.00', false, 'paid'],
  ['100.00', '100', false, 'paid'],
  ['100.00', '99.99', true, 'partial'],
  ['100.00', '0.01', true, 'partial'],
  ['100.00', '0.00', true, 'refunded'],
  // Refunded, then paid again.
  ['100.00', '40.00', true, 'partial'],
  ['100.00', '100.00', true, 'paid'],
  // Nothing is due.
  ['0', '0', false, 'paid'],
] as const;

for (const [total, paid, refunded, status] of table) {
  const name = `${total} with ${paid} paid${refunded ? ', some of it refunded' : ''}: ${status}`;
  t.equal(paymentStatusOf(parseExact(total), { paid: parseExact(paid), refunded }), status, name);
}
