import { quoteStatuses } from '@platen/schema/states/quote';
import { quoteStatusSql } from '../../quotes/index.js';
import {
  beginning,
  created,
  customerColumns,
  day,
  equals,
  integer,
  moment,
  money,
  parameters,
  type Source,
  stampColumns,
  text,
} from './source.js';

const status = quoteStatusSql('t', `${parameters.today}::date`);

export const quotes: Source = {
  table: 'erp_quotes',
  title: { en: 'Quotes', de: 'Angebote' },
  columns: {
    number: text('Number', 'Nummer', 't.number'),
    revision: integer('Revision', 'Revision', 't.revision'),
    status: text('Status', 'Status', status),
    ...customerColumns('t.customer_id'),
    currency: text('Currency', 'Währung', 't.currency'),
    subtotal: money('Subtotal', 'Zwischensumme', 't.subtotal'),
    discount: money('Discount', 'Rabatt', 't.discount'),
    tax: money('Tax', 'Steuer', 't.tax'),
    total: money('Total', 'Gesamt', 't.total'),
    deposit_due: money('Deposit due', 'Anzahlung', 't.deposit_due'),
    valid_until: day('Valid until', 'Gültig bis', 't.valid_until'),
    due_on: day('Due on', 'Fällig am', 't.due_on'),
    sent_at: moment('Sent at (UTC)', 'Versandt am (UTC)', 't.sent_at'),
    ...stampColumns,
    customer_id: text('Customer id', 'Kunden-ID', 't.customer_id'),
    id: text('Quote id', 'Angebots-ID', 't.id'),
  },
  filters: {
    status: equals(status, 'text', quoteStatuses),
    customer_id: equals('t.customer_id', 'uuid'),
    number_prefix: beginning('t.number'),
    ...created,
  },
};
