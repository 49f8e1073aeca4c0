import { randomUUID } from 'node:crypto';
import type { BodyOf } from '@platen/schema/contract';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { DataSample, Victim } from './samples-data.js';

const { pricing, ruleSets, taxRates } = dataContracts.erp;
const code = () => `t-${randomUUID().slice(0, 13)}`;
/** One price list of a currency is active: each sample has a currency of its own. */
let currencies = 0;
function currency(): string {
  const n = currencies++ % 676;
  return `Q${String.fromCharCode(65 + Math.floor(n / 26), 65 + (n % 26))}`;
}
const base = () => ({
  code: code(),
  kind: 'base_price' as const,
  conditions: {},
  effect: { type: 'catalogue' as const },
});

const newSet = (victim: Victim) =>
  victim.call(ruleSets.create, { body: { code: code(), name: 'Acceptance prices', currency: currency() } });
async function draftedRule(victim: Victim) {
  const { id } = await newSet(victim);
  return victim.call(ruleSets.rules.create, { params: { id }, body: { rule: base() } });
}
async function publishedSet(victim: Victim) {
  const { rule_set_id: id } = await draftedRule(victim);
  return victim.call(ruleSets.publish, { params: { id }, body: {} });
}
const newRate = (victim: Victim) =>
  victim.call(taxRates.create, {
    body: { tax_class: code(), name: 'Acceptance rate', rate_percent: '7.5', valid_from: '2099-01-01' },
  });

const bySet = async (row: Promise<{ id: string }>, more: Partial<DataSample> = {}): Promise<DataSample> => {
  const { id } = await row;
  return { params: { id }, foreign: 'not_found', ids: [id], ...more };
};
async function byRule(victim: Victim, more: Partial<DataSample> = {}): Promise<DataSample> {
  const { rule_set_id: id, rule } = await draftedRule(victim);
  return { params: { id, rule_id: rule.id }, foreign: 'not_found', ids: [id, rule.id], ...more };
}

type Basket = BodyOf<typeof pricing.price>;

/** Of prices: what is sold to price is the caller's to make. */
export const priceSamples = (newBasket: (victim: Victim) => Promise<{ basket: Basket }>) => ({
  'erp.pricing.verify': async (victim: Victim): Promise<DataSample> => {
    const { basket } = await newBasket(victim);
    const { lines, rule_set_version_id: version } = await victim.call(pricing.price, { body: basket });
    const [line] = lines;
    const body = { receipt: JSON.stringify(line?.receipt), receipt_hash: line?.receipt_hash ?? '' };
    return { body, foreign: 'unseen', ids: [version] };
  },
  'erp.pricing.simulate': async (victim: Victim): Promise<DataSample> => {
    const { basket } = await newBasket(victim);
    const body = { code: code(), name: 'Acceptance prices', currency: 'EUR' };
    const { id } = await victim.call(ruleSets.create, { body });
    await victim.call(ruleSets.rules.create, { params: { id }, body: { rule: base() } });
    return { body: { rule_set_id: id, basket }, foreign: 'unknown_reference', ids: [id] };
  },
});

export const pricingSamples = {
  'erp.ruleSets.list': async (victim: Victim): Promise<DataSample> => ({
    query: { limit: '200' },
    foreign: 'unseen',
    ids: [(await newSet(victim)).id],
  }),
  'erp.ruleSets.get': (victim: Victim) => bySet(newSet(victim)),
  'erp.ruleSets.create': async (victim: Victim): Promise<DataSample> => {
    const { id } = await newSet(victim);
    return { body: { code: code(), name: 'Copy', copy_of: id }, foreign: 'unknown_reference', ids: [id] };
  },
  'erp.ruleSets.update': (victim: Victim) => bySet(newSet(victim), { body: { name: 'Renamed' } }),
  'erp.ruleSets.retire': (victim: Victim) => bySet(newSet(victim)),
  'erp.ruleSets.lint': (victim: Victim) => bySet(newSet(victim)),
  'erp.ruleSets.publish': async (victim: Victim): Promise<DataSample> => {
    const { rule_set_id: id } = await draftedRule(victim);
    return { params: { id }, body: {}, foreign: 'not_found', ids: [id] };
  },
  'erp.ruleSets.rules.list': async (victim: Victim): Promise<DataSample> => {
    const { rule_set_id: id, rule } = await draftedRule(victim);
    return { params: { id }, foreign: 'not_found', ids: [id, rule.id] };
  },
  'erp.ruleSets.rules.replace': (victim: Victim) => bySet(newSet(victim), { body: { rules: [base()] } }),
  'erp.ruleSets.rules.create': (victim: Victim) => bySet(newSet(victim), { body: { rule: base() } }),
  'erp.ruleSets.rules.update': (victim: Victim) => byRule(victim, { body: { rule: base() } }),
  'erp.ruleSets.rules.move': (victim: Victim) => byRule(victim, { body: {} }),
  'erp.ruleSets.rules.delete': (victim: Victim) => byRule(victim),
  'erp.ruleSets.versions.list': async (victim: Victim): Promise<DataSample> => {
    const { id, published } = await publishedSet(victim);
    return { params: { id }, foreign: 'not_found', ids: [id, published.id] };
  },
  'erp.ruleSets.versions.get': async (victim: Victim): Promise<DataSample> => {
    const { id, published } = await publishedSet(victim);
    return { params: { id, version_id: published.id }, foreign: 'not_found', ids: [id, published.id] };
  },
  'erp.taxRates.list': async (victim: Victim): Promise<DataSample> => ({
    query: { limit: '200' },
    foreign: 'unseen',
    ids: [(await newRate(victim)).id],
  }),
  'erp.taxRates.get': (victim: Victim) => bySet(newRate(victim)),
  'erp.taxRates.create': async (): Promise<DataSample> => ({
    body: { tax_class: code(), name: 'Nobody’s reference', rate_percent: '7.5', valid_from: '2099-01-01' },
    foreign: 'own',
    ids: [],
  }),
  'erp.taxRates.update': (victim: Victim) => bySet(newRate(victim), { body: { name: 'Renamed' } }),
  'erp.taxRates.delete': (victim: Victim) => bySet(newRate(victim)),
};
