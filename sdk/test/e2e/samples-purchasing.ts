import { randomUUID } from 'node:crypto';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { DataSample, Victim } from './samples-data.js';

const {
  customers,
  orders,
  products,
  variants,
  suppliers,
  supplierVariants,
  purchaseOrders,
  purchaseReceipts,
  purchaseBills,
} = dataContracts.erp;
const code = () => `t-${randomUUID().slice(0, 13)}`;
const eur = (amount: string) => ({ amount, currency: 'EUR' });

async function newVariant(victim: Victim) {
  const body = {
    code: code(),
    name: 'Acceptance blank',
    status: 'active',
    kind: 'blank',
    base_price: eur('4.00'),
  } as const;
  const { id } = await victim.call(products.create, { body });
  return victim.call(variants.create, { params: { id }, body: { sku: code(), option_values: { size: 'm' } } });
}
const newSupplier = (victim: Victim) =>
  victim.call(suppliers.create, { body: { code: code(), name: 'Acceptance supplier', currency: 'EUR' } });
const newPair = async (victim: Victim) => {
  const [supplier, variant] = await Promise.all([newSupplier(victim), newVariant(victim)]);
  return { supplier_id: supplier.id, variant_id: variant.id };
};
async function newTerms(victim: Victim) {
  const body = { ...(await newPair(victim)), cost: eur('2.35'), lead_days: 4 };
  return victim.call(supplierVariants.create, { body });
}

async function newDraftBody(victim: Victim) {
  const { supplier_id, variant_id } = await newTerms(victim);
  return { supplier_id, lines: [{ variant_id, quantity: '24' }] };
}
const newDraft = async (victim: Victim) => victim.call(purchaseOrders.create, { body: await newDraftBody(victim) });
async function submitted(victim: Victim) {
  const { id } = await newDraft(victim);
  return victim.call(purchaseOrders.submit, { params: { id } });
}
async function approved(victim: Victim) {
  const { id } = await submitted(victim);
  return victim.call(purchaseOrders.approve, { params: { id } });
}
/** With lines that take a receipt of one piece, and a bill of it. */
const onePiece = ({ lines: [line] }: { lines: readonly { id: string }[] }) => [
  { purchase_order_line_id: line?.id ?? '', quantity: '1' },
];
async function received(victim: Victim) {
  const order = await approved(victim);
  return victim.call(purchaseReceipts.create, { params: { id: order.id }, body: { lines: onePiece(order) } });
}
async function billed(victim: Victim) {
  const order = await approved(victim);
  const body = { reference: code(), lines: onePiece(order) };
  return victim.call(purchaseBills.create, { params: { id: order.id }, body });
}
/** A confirmed order of what is not in stock. */
async function shortOrder(victim: Victim): Promise<string> {
  const { id: customer_id } = await victim.call(customers.create, {
    body: { code: code(), name: 'Acceptance customer', currency: 'EUR' },
  });
  const { id: variant_id, product_id } = await newVariant(victim);
  const lines = [{ product_id, sizes: [{ variant_id, quantity: 24 }] }];
  const { id } = await victim.call(orders.create, { body: { customer_id, lines } });
  await victim.call(orders.confirm, { params: { id } });
  return id;
}
async function rejected(victim: Victim) {
  const { id } = await submitted(victim);
  return victim.call(purchaseOrders.reject, { params: { id }, body: { reason: 'Too dear' } });
}

const ofWorkspace = { ofWorkspace: true } as const;
const byId = async (row: Promise<{ id: string }>, more: Partial<DataSample> = {}): Promise<DataSample> => {
  const { id } = await row;
  return { params: { id }, foreign: 'not_found', ids: [id], ...more };
};
const listed = async (row: Promise<{ id: string }>, more: Partial<DataSample> = {}): Promise<DataSample> => ({
  query: { limit: '200' },
  foreign: 'unseen',
  ids: [(await row).id],
  ...more,
});

export const purchasingSamples = {
  'erp.supplierVariants.list': (victim: Victim) => listed(newTerms(victim)),
  'erp.supplierVariants.get': (victim: Victim) => byId(newTerms(victim)),
  'erp.supplierVariants.create': async (victim: Victim): Promise<DataSample> => {
    const pair = await newPair(victim);
    const body = { ...pair, cost: eur('2.35'), lead_days: 4 };
    return { body, foreign: 'unknown_reference', ids: Object.values(pair) };
  },
  'erp.supplierVariants.update': (victim: Victim) => byId(newTerms(victim), { body: { lead_days: 9 } }),
  'erp.supplierVariants.remove': (victim: Victim) => byId(newTerms(victim)),
  'erp.purchaseOrders.list': (victim: Victim) => listed(newDraft(victim), ofWorkspace),
  'erp.purchaseOrders.get': (victim: Victim) => byId(newDraft(victim), ofWorkspace),
  'erp.purchaseOrders.create': async (victim: Victim): Promise<DataSample> => {
    const body = await newDraftBody(victim);
    return { body, foreign: 'unknown_reference', ids: [body.supplier_id] };
  },
  'erp.purchaseOrders.update': (victim: Victim) => byId(newDraft(victim), { body: { note: 'Soon' }, ...ofWorkspace }),
  'erp.purchaseOrders.submit': (victim: Victim) => byId(newDraft(victim), ofWorkspace),
  'erp.purchaseOrders.approve': (victim: Victim) => byId(submitted(victim), ofWorkspace),
  'erp.purchaseOrders.reject': (victim: Victim) =>
    byId(submitted(victim), { body: { reason: 'Too dear' }, ...ofWorkspace }),
  'erp.purchaseOrders.reopen': (victim: Victim) => byId(rejected(victim), ofWorkspace),
  'erp.purchaseOrders.cancel': (victim: Victim) =>
    byId(approved(victim), { body: { reason: 'Acceptance' }, ...ofWorkspace }),
  'erp.purchaseOrders.close': (victim: Victim) =>
    byId(
      received(victim).then(({ purchase_order }) => purchase_order),
      ofWorkspace,
    ),
  'erp.purchaseReceipts.list': async (victim: Victim): Promise<DataSample> => {
    const { receipt } = await received(victim);
    const id = receipt.purchase_order_id;
    return { params: { id }, foreign: 'not_found', ids: [id, receipt.id], ...ofWorkspace };
  },
  'erp.purchaseReceipts.create': async (victim: Victim): Promise<DataSample> => {
    const order = await approved(victim);
    return byId(Promise.resolve(order), { body: { lines: onePiece(order) }, ...ofWorkspace });
  },
  'erp.purchaseOrders.match': async (victim: Victim) => {
    const { bill } = await billed(victim);
    return byId(Promise.resolve({ id: bill.purchase_order_id }), ofWorkspace);
  },
  'erp.purchaseOrders.suggestions': async (victim: Victim): Promise<DataSample> => {
    const id = await shortOrder(victim);
    return { foreign: 'unseen', ids: [id], ...ofWorkspace };
  },
  'erp.purchaseBills.list': async (victim: Victim): Promise<DataSample> => {
    const { bill } = await billed(victim);
    const id = bill.purchase_order_id;
    return { params: { id }, foreign: 'not_found', ids: [id, bill.id], ...ofWorkspace };
  },
  'erp.purchaseBills.create': async (victim: Victim): Promise<DataSample> => {
    const order = await approved(victim);
    return byId(Promise.resolve(order), { body: { reference: code(), lines: onePiece(order) }, ...ofWorkspace });
  },
  'erp.purchaseOrders.history': (victim: Victim) => byId(newDraft(victim), ofWorkspace),
};
