import { randomUUID } from 'node:crypto';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { DataSample, Victim } from './samples-data.js';
import { newFile } from './samples-files.js';

const { customers, designs, orders, products, variants, stock, production } = dataContracts.erp;
const { jobs, stages } = production;
const code = () => `t-${randomUUID().slice(0, 13)}`;
const position = 900;

const newStage = (victim: Victim) =>
  victim.call(stages.create, { body: { code: code(), name: 'Acceptance stage', position } });

async function newDesign(victim: Victim) {
  const file = await newFile(victim);
  return victim.call(designs.create, { body: { code: code(), name: 'Acceptance crest', file_id: file.id } });
}
/** A confirmed order of 24 printed shirts. */
async function newOrder(victim: Victim) {
  const price = { base_price: { amount: '9.50', currency: 'EUR' } };
  const [product, customer, design] = await Promise.all([
    victim.call(products.create, {
      body: { code: code(), name: 'Acceptance shirt', status: 'active', kind: 'blank', ...price },
    }),
    victim.call(customers.create, { body: { code: code(), name: 'Acceptance customer', currency: 'EUR' } }),
    newDesign(victim),
  ]);
  const size = { sku: code(), option_values: { size: 'm' } };
  const variant = await victim.call(variants.create, { params: { id: product.id }, body: size });
  const line = { product_id: product.id, design_id: design.id, sizes: [{ variant_id: variant.id, quantity: 24 }] };
  const order = await victim.call(orders.create, { body: { customer_id: customer.id, lines: [line] } });
  await victim.call(orders.confirm, { params: { id: order.id } });
  return { order, variant, design };
}
async function newJob(victim: Victim) {
  const made = await newOrder(victim);
  const [job] = (await victim.call(jobs.create, { body: { order_id: made.order.id } })).items;
  if (!job) throw new Error('an order with one line has one job');
  return { ...made, job };
}
/** Its order is begun, and six pieces are there to make spoilt ones again. */
export async function startedJob(victim: Victim) {
  const made = await newJob(victim);
  const { order, variant } = made;
  const location = await victim.call(stock.locations.create, { body: { code: code(), name: 'Acceptance shelf' } });
  await victim.call(orders.start, { params: { id: order.id }, body: { allow_short: true } });
  await victim.call(stock.adjustments.create, {
    body: {
      location_id: location.id,
      lines: [{ variant_id: variant.id, counted: '30' }],
      reason: 'Acceptance',
    },
  });
  return { ...made, lost: { sizes: [{ variant_id: variant.id, quantity: 2 }], reason: 'Spoilt' } };
}

const ofWorkspace = { ofWorkspace: true } as const;
const byStage = async (victim: Victim, more: Partial<DataSample> = {}): Promise<DataSample> => {
  const { id } = await newStage(victim);
  return { params: { id }, foreign: 'not_found', ids: [id], ...more };
};
const byJob = (id: string, more: Partial<DataSample> = {}): DataSample => ({
  params: { id },
  foreign: 'not_found',
  ids: [id],
  ...ofWorkspace,
  ...more,
});

export const productionSamples = {
  'erp.production.stages.list': async (victim: Victim): Promise<DataSample> => ({
    foreign: 'unseen',
    ids: [(await newStage(victim)).id],
  }),
  'erp.production.stages.create': async (): Promise<DataSample> => ({
    body: { code: code(), name: 'Nobody’s reference', position },
    foreign: 'own',
    ids: [],
  }),
  'erp.production.stages.update': (victim: Victim) => byStage(victim, { body: { wip_limit: 12 } }),
  'erp.production.stages.delete': (victim: Victim) => byStage(victim),
  'erp.production.jobs.list': async (victim: Victim): Promise<DataSample> => {
    const { job } = await newJob(victim);
    return { query: { limit: '200' }, foreign: 'unseen', ids: [job.id], ...ofWorkspace };
  },
  'erp.production.jobs.get': async (victim: Victim) => byJob((await newJob(victim)).job.id),
  'erp.production.jobs.create': async (victim: Victim): Promise<DataSample> => {
    const { order } = await newOrder(victim);
    return { body: { order_id: order.id }, foreign: 'unknown_reference', ids: [order.id], ...ofWorkspace };
  },
  'erp.production.jobs.update': async (victim: Victim) =>
    byJob((await newJob(victim)).job.id, { body: { priority: 'urgent' } }),
  'erp.production.jobs.move': async (victim: Victim) => {
    const { job } = await newJob(victim);
    return byJob(job.id, { body: { stage_id: (await newStage(victim)).id } });
  },
  'erp.production.jobs.approveArtwork': async (victim: Victim) => {
    const { job, design } = await newJob(victim);
    return byJob(job.id, { body: { hash: design.hash ?? '' } });
  },
  'erp.production.jobs.done': async (victim: Victim) =>
    byJob((await startedJob(victim)).job.id, { body: { quantity: 1 } }),
  'erp.production.jobs.scrap': async (victim: Victim) => {
    const { job, lost } = await startedJob(victim);
    return byJob(job.id, { body: lost });
  },
  'erp.production.jobs.reprint': async (victim: Victim) => {
    const { job, lost } = await startedJob(victim);
    await victim.call(jobs.scrap, { params: { id: job.id }, body: lost });
    return byJob(job.id, { body: {} });
  },
  'erp.production.jobs.history': async (victim: Victim) => byJob((await newJob(victim)).job.id),
  'erp.production.board.get': async (victim: Victim): Promise<DataSample> => ({
    foreign: 'unseen',
    ids: [(await newJob(victim)).job.id],
    ...ofWorkspace,
  }),
};
