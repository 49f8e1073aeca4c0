import { randomUUID } from 'node:crypto';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { DataSample, Victim } from './samples-data.js';

const { products, variants, stock } = dataContracts.erp;
const code = () => `t-${randomUUID().slice(0, 13)}`;

const newLocation = (victim: Victim) =>
  victim.call(stock.locations.create, { body: { code: code(), name: 'Acceptance shelf' } });
async function newVariant(victim: Victim) {
  const { id } = await victim.call(products.create, {
    body: {
      code: code(),
      name: 'Acceptance shirt',
      kind: 'blank',
      base_price: { amount: '9.50', currency: 'EUR' },
    },
  });
  return victim.call(variants.create, { params: { id }, body: { sku: code(), option_values: { size: 's' } } });
}
/** Ten pieces on a shelf of the victim's workspace. */
async function counted(victim: Victim) {
  const [location, variant] = await Promise.all([newLocation(victim), newVariant(victim)]);
  const body = {
    location_id: location.id,
    lines: [{ variant_id: variant.id, counted: '10' }],
    reason: 'Acceptance',
  };
  const adjustment = await victim.call(stock.adjustments.create, { body });
  return { location, variant, adjustment, body };
}

const ofWorkspace = { ofWorkspace: true } as const;

export const stockSamples = {
  'erp.stock.locations.list': async (victim: Victim): Promise<DataSample> => {
    const { id } = await newLocation(victim);
    return { query: { limit: '200' }, foreign: 'unseen', ids: [id], ...ofWorkspace };
  },
  'erp.stock.locations.get': async (victim: Victim): Promise<DataSample> => {
    const { id } = await newLocation(victim);
    return { params: { id }, foreign: 'not_found', ids: [id], ...ofWorkspace };
  },
  'erp.stock.locations.create': async (): Promise<DataSample> => ({
    body: { code: code(), name: 'Nobody’s reference' },
    foreign: 'own',
    ids: [],
  }),
  'erp.stock.locations.update': async (victim: Victim): Promise<DataSample> => {
    const { id } = await newLocation(victim);
    return { params: { id }, body: { name: 'Renamed' }, foreign: 'not_found', ids: [id], ...ofWorkspace };
  },
  'erp.stock.levels': async (victim: Victim): Promise<DataSample> => {
    const { location } = await counted(victim);
    return { query: { limit: '200' }, foreign: 'unseen', ids: [location.id], ...ofWorkspace };
  },
  'erp.stock.moves.list': async (victim: Victim): Promise<DataSample> => {
    const { adjustment } = await counted(victim);
    const ids = adjustment.moves.map(({ id }) => id);
    return { query: { limit: '200' }, foreign: 'unseen', ids, ...ofWorkspace };
  },
  'erp.stock.moves.transfer': async (victim: Victim): Promise<DataSample> => {
    const [{ location, variant }, to] = await Promise.all([counted(victim), newLocation(victim)]);
    const body = {
      from_location_id: location.id,
      to_location_id: to.id,
      lines: [{ variant_id: variant.id, quantity: '1' }],
    };
    return { body, foreign: 'unknown_reference', ids: [location.id, to.id], ...ofWorkspace };
  },
  'erp.stock.adjustments.create': async (victim: Victim): Promise<DataSample> => {
    const { body, location } = await counted(victim);
    return { body, foreign: 'unknown_reference', ids: [location.id], ...ofWorkspace };
  },
  // Both name only what differs, and nothing does.
  'erp.stock.check': async (victim: Victim): Promise<DataSample> => {
    await counted(victim);
    return { foreign: 'unseen', ids: [] };
  },
  'erp.stock.repair': async (victim: Victim): Promise<DataSample> => {
    await counted(victim);
    return { body: { reason: 'Acceptance' }, foreign: 'unseen', ids: [] };
  },
};
