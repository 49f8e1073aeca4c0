import { purchaseOrderStatuses } from '@platen/schema/states/purchase-order';
import {
  beginning,
  created,
  day,
  equals,
  flag,
  moment,
  money,
  quantity,
  type Source,
  stampColumns,
  text,
} from './source.js';

/** The first address of a kind. */
const address = (kind: string, field: string) =>
  `select a ->> '${field}' from jsonb_array_elements(t.addresses) a where a ->> 'kind' = '${kind}' limit 1`;

export const customers: Source = {
  table: 'erp_customers',
  title: { en: 'Customers', de: 'Kunden' },
  columns: {
    code: text('Customer no.', 'Kundennr.', 't.code'),
    name: text('Name', 'Name', 't.name'),
    email: text('E-mail', 'E-Mail', 't.email'),
    customer_group: text('Group', 'Gruppe', 't.customer_group'),
    tax_exempt: flag('Tax exempt', 'Steuerbefreit', 't.tax_exempt'),
    currency: text('Currency', 'Währung', 't.currency'),
    billing_recipient: text('Billing: recipient', 'Rechnung: Empfänger', address('billing', 'recipient')),
    billing_line1: text('Billing: line 1', 'Rechnung: Zeile 1', address('billing', 'line1')),
    billing_line2: text('Billing: line 2', 'Rechnung: Zeile 2', address('billing', 'line2')),
    billing_postal_code: text('Billing: postal code', 'Rechnung: PLZ', address('billing', 'postal_code')),
    billing_city: text('Billing: city', 'Rechnung: Ort', address('billing', 'city')),
    billing_country: text('Billing: country', 'Rechnung: Land', address('billing', 'country')),
    ...stampColumns,
    id: text('Customer id', 'Kunden-ID', 't.id'),
  },
  filters: {
    customer_group: equals('t.customer_group', 'text'),
    code_prefix: beginning('t.code'),
    ...created,
  },
};

const ofVariant = (sql: string) => `select ${sql} from erp_product_variants v where v.id = t.variant_id`;
const ofLocation = (field: string) => `select l.${field} from erp_stock_locations l where l.id = t.location_id`;

export const stockLevels: Source = {
  table: 'erp_stock_levels',
  title: { en: 'Stock', de: 'Bestand' },
  columns: {
    sku: text('SKU', 'SKU', ofVariant('v.sku')),
    product_name: text(
      'Product',
      'Artikel',
      ofVariant('(select p.name from erp_products p where p.id = v.product_id)'),
    ),
    location_code: text('Location', 'Lagerort', ofLocation('code')),
    location_name: text('Location name', 'Lagerort: Name', ofLocation('name')),
    on_hand: quantity('On hand', 'Vorhanden', 't.on_hand'),
    reserved: quantity('Reserved', 'Reserviert', 't.reserved'),
    available: quantity('Available', 'Verfügbar', 't.on_hand - t.reserved'),
    updated_at: moment('Changed at (UTC)', 'Geändert am (UTC)', 't.updated_at'),
    variant_id: text('Variant id', 'Varianten-ID', 't.variant_id'),
    id: text('Level id', 'Bestands-ID', 't.id'),
  },
  filters: {
    location_id: equals('t.location_id', 'uuid'),
    variant_id: equals('t.variant_id', 'uuid'),
    sku_prefix: beginning(`(${ofVariant('v.sku')})`),
  },
};

const ofSupplier = (field: string) => `select s.${field} from erp_suppliers s where s.id = t.supplier_id`;

export const purchaseOrders: Source = {
  table: 'erp_purchase_orders',
  title: { en: 'Purchase orders', de: 'Bestellungen' },
  columns: {
    number: text('Number', 'Nummer', 't.number'),
    status: text('Status', 'Status', 't.status'),
    supplier_code: text('Supplier no.', 'Lieferantennr.', ofSupplier('code'), 'erp.supplier.read'),
    supplier_name: text('Supplier', 'Lieferant', ofSupplier('name'), 'erp.supplier.read'),
    location_code: text('Location', 'Lagerort', ofLocation('code'), 'erp.stock.read'),
    currency: text('Currency', 'Währung', 't.currency'),
    total: money('Total', 'Gesamt', 't.total'),
    expected_on: day('Expected on', 'Erwartet am', 't.expected_on'),
    note: text('Note', 'Notiz', 't.note'),
    submitted_at: moment('Submitted at (UTC)', 'Vorgelegt am (UTC)', 't.submitted_at'),
    approved_at: moment('Approved at (UTC)', 'Freigegeben am (UTC)', 't.approved_at'),
    ...stampColumns,
    supplier_id: text('Supplier id', 'Lieferanten-ID', 't.supplier_id'),
    id: text('Purchase order id', 'Bestell-ID', 't.id'),
  },
  filters: {
    status: equals('t.status', 'text', purchaseOrderStatuses),
    supplier_id: equals('t.supplier_id', 'uuid'),
    number_prefix: beginning('t.number'),
    ...created,
  },
};
