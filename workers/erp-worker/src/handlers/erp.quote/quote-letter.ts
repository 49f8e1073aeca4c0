import type { QuoteMail } from '@platen/schema/contracts/internal/quote-mail';
import { frameOf, type Letter } from '../../mail/letter.js';
import { pricedTable } from '../../mail/priced-table.js';
import { phrasebookOf } from '../../mail/texts/phrasebook.js';

export function quoteLetter(quote: QuoteMail): Letter {
  const book = phrasebookOf(quote.locale);
  const { say } = book;
  const { number, link, from_name: from } = quote;
  return {
    ...frameOf(book, quote.to, from),
    subject: say('quote.subject', { number, from }),
    title: say('quote.title', { number }),
    blocks: [
      { kind: 'paragraph', text: say('quote.intro', { number, date: book.date(quote.valid_until) }) },
      pricedTable(book, quote),
      ...(link === null
        ? []
        : [
            {
              kind: 'action' as const,
              label: say('quote.action'),
              text: say('quote.link'),
              fallback: say('link.fallback'),
              link,
            },
          ]),
    ],
  };
}
