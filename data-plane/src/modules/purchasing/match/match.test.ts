import { PurchaseMatch } from '@platen/schema/contracts/data/purchase-match';
import t from 'tap';
import { Value } from 'typebox/value';
import { type BilledLine, type LineToMatch, matchOrder, type OrderToMatch } from './match.js';

const id = (n: number) => `01930000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const bill = (quantity: string, unit_cost: string, line_total: string): BilledLine => ({
  bill_id: id(9),
  reference: 'INV-1',
  quantity,
  unit_cost,
  line_total,
});
const line = (ordered: string, received: string, bills: BilledLine[] = []): LineToMatch => ({
  id: id(1),
  position: 1,
  variant_id: id(2),
  supplier_sku: null,
  ordered_quantity: ordered,
  received_quantity: received,
  billed_quantity: String(bills.reduce((sum, each) => sum + Number(each.quantity), 0)),
  unit_cost: '2.5000',
  line_total: '250.0000',
  bills,
});
function matched(of: LineToMatch, status: OrderToMatch['status'] = 'received') {
  const match = matchOrder({ id: id(3), number: 'PO-1', status, currency: 'EUR', lines: [of] });
  t.ok(Value.Check(PurchaseMatch, match));
  const differences = match.lines[0]?.differences.map(
    ({ kind, quantity, amount }) => `${kind} ${quantity} ${amount.amount}`,
  );
  return { verdict: match.verdict, differences, difference: match.difference.amount };
}

t.test('what differs is named, with what it is worth', async (t) => {
  const whole = bill('100.0000', '2.5000', '250.0000');
  t.same(matched(line('100.0000', '100.0000', [whole])), { verdict: 'matched', differences: [], difference: '0.0000' });
  t.same(matched(line('100.0000', '0', []), 'approved'), {
    verdict: 'open',
    differences: ['received_short 100 250.0000'],
    difference: '0.0000',
  });
  t.same(matched(line('100.0000', '60.0000'), 'partially_received'), {
    verdict: 'open',
    differences: ['received_short 40 100.0000', 'unbilled 60 150.0000'],
    difference: '-150.0000',
  });
  t.same(matched(line('100.0000', '60.0000', [bill('60', '2.5', '150')]), 'closed'), {
    verdict: 'matched',
    differences: ['received_short 40 100.0000'],
    difference: '0.0000',
  });
  t.same(matched(line('100.0000', '95.0000', [whole])), {
    verdict: 'differs',
    differences: ['received_short 5 12.5000', 'billed_over 5 12.5000'],
    difference: '12.5000',
  });
  t.same(matched(line('100.0000', '102.5000', [whole, bill('2.5', '2.5', '6.25')])), {
    verdict: 'matched',
    differences: ['received_over 2.5 6.2500'],
    difference: '0.0000',
  });
});

t.test('two bills at other costs do not make up for each other', async (t) => {
  const bills = [bill('40', '2.6', '104'), bill('60', '2.4', '144')];
  t.same(matched(line('100.0000', '100.0000', bills)), {
    verdict: 'differs',
    differences: ['cost_higher 40 4.0000', 'cost_lower 60 6.0000'],
    difference: '-2.0000',
  });
  // A ten-thousandth on a piece is no cent, and is said all the same.
  t.match(matched(line('100.0000', '1.0000', [bill('1', '2.5001', '2.5')])), {
    differences: ['received_short 99 247.5000', 'cost_higher 1 0.0001'],
  });
});
