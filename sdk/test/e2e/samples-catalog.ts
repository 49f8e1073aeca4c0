import { randomUUID } from 'node:crypto';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { DataSample, Victim } from './samples-data.js';

const { products, variants, productImages, designs, suppliers, customers, files } = dataContracts.erp;
const code = () => `t-${randomUUID().slice(0, 13)}`;
const eur = (amount: string) => ({ amount, currency: 'EUR' });
const options = [{ name: 'size', values: ['s', 'm'] }];

const newProduct = (victim: Victim) =>
  victim.call(products.create, {
    body: { code: code(), name: 'Acceptance shirt', kind: 'blank', base_price: eur('9.50'), options },
  });
async function newVariant(victim: Victim) {
  const { id } = await newProduct(victim);
  return victim.call(variants.create, { params: { id }, body: { sku: code(), option_values: { size: 's' } } });
}
const newSupplier = (victim: Victim) =>
  victim.call(suppliers.create, { body: { code: code(), name: 'Acceptance supplier', currency: 'EUR' } });
const newDesign = (victim: Victim) =>
  victim.call(designs.create, { body: { code: code(), name: 'Acceptance crest', colours: 2 } });

const boundary = 'platen-acceptance-picture';
const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
/** One pixel. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
/** The product's, so that every workspace of the organization sees it. */
async function newPicture(victim: Victim) {
  const product = await newProduct(victim);
  const field = (name: string, value: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const body = Buffer.concat([
    Buffer.from(field('owner_kind', 'product') + field('owner_id', product.id)),
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="front.png"\r\ncontent-type: image/png\r\n\r\n`,
    ),
    picture,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const file = await victim.call(files.upload, { body, headers });
  return { product, file };
}
export async function newImage(victim: Victim) {
  const { product, file } = await newPicture(victim);
  return victim.call(productImages.attach, { params: { id: product.id }, body: { file_id: file.id, alt: 'Front' } });
}

const byId = async (row: Promise<{ id: string }>, more: Partial<DataSample> = {}): Promise<DataSample> => {
  const { id } = await row;
  return { params: { id }, foreign: 'not_found', ids: [id], ...more };
};
const listed = async (row: Promise<{ id: string }>): Promise<DataSample> => ({
  query: { limit: '200' },
  foreign: 'unseen',
  ids: [(await row).id],
});
async function byImage(victim: Victim, more: Partial<DataSample> = {}): Promise<DataSample> {
  const { id, product_id } = await newImage(victim);
  return { params: { id: product_id, image_id: id }, foreign: 'not_found', ids: [product_id, id], ...more };
}

export const catalogSamples = {
  'erp.variants.get': (victim: Victim) => byId(newVariant(victim)),
  'erp.variants.generate': (victim: Victim) => byId(newProduct(victim), { body: { sku_pattern: '{code}-{size}' } }),
  'erp.productImages.list': async (victim: Victim): Promise<DataSample> => {
    const { id, product_id } = await newImage(victim);
    return { params: { id: product_id }, foreign: 'not_found', ids: [product_id, id] };
  },
  'erp.productImages.attach': async (victim: Victim): Promise<DataSample> => {
    const { product, file } = await newPicture(victim);
    return { params: { id: product.id }, body: { file_id: file.id }, foreign: 'not_found', ids: [product.id, file.id] };
  },
  'erp.productImages.update': (victim: Victim) => byImage(victim, { body: { alt: 'Back' } }),
  'erp.productImages.reorder': async (victim: Victim): Promise<DataSample> => {
    const { id, product_id } = await newImage(victim);
    return { params: { id: product_id }, body: { image_ids: [id] }, foreign: 'not_found', ids: [product_id, id] };
  },
  'erp.productImages.remove': (victim: Victim) => byImage(victim),
  'erp.designs.list': (victim: Victim) => listed(newDesign(victim)),
  'erp.designs.get': (victim: Victim) => byId(newDesign(victim)),
  'erp.designs.create': async (victim: Victim): Promise<DataSample> => {
    const customer = await victim.call(customers.create, { body: { code: code(), name: 'Acceptance customer' } });
    const body = { code: code(), name: 'Crest', customer_id: customer.id };
    return { body, foreign: 'unknown_reference', ids: [customer.id] };
  },
  'erp.designs.update': (victim: Victim) => byId(newDesign(victim), { body: { stitches: 8400 } }),
  'erp.suppliers.list': (victim: Victim) => listed(newSupplier(victim)),
  'erp.suppliers.get': (victim: Victim) => byId(newSupplier(victim)),
  'erp.suppliers.create': async (): Promise<DataSample> => ({
    body: { code: code(), name: 'Nobody’s reference', currency: 'EUR' },
    foreign: 'own',
    ids: [],
  }),
  'erp.suppliers.update': (victim: Victim) => byId(newSupplier(victim), { body: { name: 'Renamed' } }),
};
