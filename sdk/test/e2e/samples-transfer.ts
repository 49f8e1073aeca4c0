import { randomUUID } from 'node:crypto';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { DataSample, Victim } from './samples-data.js';

const { categories, products, variants } = dataContracts.erp;
const code = () => `t-${randomUUID().slice(0, 13)}`;

export const transferSamples = {
  'erp.catalog.import': async (victim: Victim): Promise<DataSample> => {
    const { id } = await victim.call(categories.create, { body: { code: code(), name: 'Acceptance imports' } });
    return {
      query: { category_id: id },
      headers: { 'content-type': 'text/csv' },
      body: Buffer.from(`style,sku,price\n${code()},${code()},9.50\n`),
      foreign: 'unknown_reference',
      ids: [id],
    };
  },
  'erp.catalog.export': async (victim: Victim): Promise<DataSample> => {
    const body = {
      code: code(),
      name: 'Exported',
      kind: 'blank',
      base_price: { amount: '9.50', currency: 'EUR' },
    } as const;
    const { id } = await victim.call(products.create, { body });
    const variant = await victim.call(variants.create, { params: { id }, body: { sku: code(), option_values: {} } });
    return { foreign: 'unseen', ids: [variant.sku] };
  },
};
