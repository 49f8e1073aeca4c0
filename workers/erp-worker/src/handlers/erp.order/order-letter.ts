import type { OrderMail } from '@platen/schema/contracts/internal/order-mail';
import { frameOf, type Letter } from '../../mail/letter.js';
import { pricedTable } from '../../mail/priced-table.js';
import { phrasebookOf } from '../../mail/texts/phrasebook.js';

export function orderLetter(order: OrderMail): Letter {
  const book = phrasebookOf(order.locale);
  const { say } = book;
  const { number, from_name: from, due_on: due, deposit_due: deposit } = order;
  const paragraph = (text: string) => ({ kind: 'paragraph', text }) as const;
  return {
    ...frameOf(book, order.to, from),
    subject: say('order.subject', { number, from }),
    title: say('order.title', { number }),
    blocks: [
      paragraph(say('order.intro', { number })),
      pricedTable(book, order),
      ...(deposit === null ? [] : [paragraph(say('order.deposit', { amount: book.money(deposit) }))]),
      ...(due === null ? [] : [paragraph(say('order.due', { date: book.date(due) }))]),
    ],
  };
}
