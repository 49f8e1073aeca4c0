import type { OrderStatus } from '@platen/schema/states/order';
import { addDays } from '../../modules/documents/index.js';
import { designsByCustomer, type HistoryInput, makeLine, type PastQuote, priceLines } from '../history.js';
import type { SeedCustomer } from '../parties.js';
import type { Random } from '../random.js';
import { dayMs } from './plan.js';

const takenWithinDays = 18;

/** Orders of the last weeks that are on their way now: the older ones are due first, and most of them in production. */
export function makeOpenOrders(input: HistoryInput, random: Random): PastQuote[] {
  const designsFor = designsByCustomer(input.designs);
  const today = input.now.toISOString().slice(0, 10);
  return input.counts.flatMap(({ workspaceId, quotes }) =>
    Array.from({ length: quotes }, (_, index): PastQuote => {
      const ageDays = 0.75 + ((index + random.next()) / quotes) * takenWithinDays;
      const createdAt = new Date(input.now.getTime() - Math.round(ageDays * dayMs));
      const customer = input.customers[random.between(0, input.customers.length - 1)] as SeedCustomer;
      const designs = designsFor(customer);
      const lines = Array.from({ length: random.between(1, 4) }, () =>
        makeLine(input.catalogue, designs, 0.75, random),
      );
      const dueOn = addDays(today, random.between(18, 26) - Math.round(ageDays));
      const priced = priceLines(input, { priceOn: createdAt.toISOString().slice(0, 10), dueOn, customer, lines });
      const status: OrderStatus = ageDays > 5 && !random.oneIn(4) ? 'in_production' : 'confirmed';
      const hasDeposit = ageDays > 3 && random.oneIn(2);
      return {
        createdAt,
        workspaceId,
        customer,
        status: 'converted',
        dueOn,
        priced,
        order: {
          createdAt: new Date(createdAt.getTime() + dayMs / 4),
          status,
          paymentStatus: hasDeposit ? 'partial' : 'unpaid',
          payments: hasDeposit ? ['half'] : [],
        },
      };
    }),
  );
}
