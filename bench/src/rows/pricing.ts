import { priceBasket } from '@platen/data-plane/modules/pricing/engine/price-basket';
import { loadBasket, loadRules, loadSettings } from '@platen/data-plane/modules/pricing/engine/sample-load';
import { compiled } from '@platen/data-plane/modules/pricing/engine/samples';
import { cpuNanosEach } from '../measure/in-process.js';
import { ratios, spreadOf } from '../measure/statistics.js';
import { priceNaively } from './naive-pricing.js';
import type { Row } from './row.js';

export const pricing: Row = {
  name: 'pricing',
  title: '20 lines against 300 rules, with receipts',
  async run({ effort }) {
    const rules = loadRules();
    const ruleSet = compiled(rules);
    const basket = loadBasket();
    const { total } = priceBasket(ruleSet, basket, loadSettings);
    const naiveTotal = priceNaively(rules, basket, loadSettings).toFixed(4);
    if (total !== naiveTotal) throw new Error(`the engine says ${total}, the naive loop ${naiveTotal}`);
    const times = Math.round(1_000 * effort.scale);
    const engine: number[] = [];
    const naive: number[] = [];
    for (let round = 0; round < effort.rounds; round += 1) {
      naive.push(cpuNanosEach(times, () => priceNaively(rules, basket, loadSettings)) / 1000);
      engine.push(cpuNanosEach(times * 4, () => priceBasket(ruleSet, basket, loadSettings)) / 1000);
    }
    return [
      {
        label: 'engine with receipts',
        unit: 'R',
        value: spreadOf(ratios(engine, naive)),
        must: 0.5,
        goal: 0.2,
        detail: `${spreadOf(engine).median.toFixed(0)} µs; naive decimal.js loop without receipts ${spreadOf(naive).median.toFixed(0)} µs; both ${total}`,
      },
    ];
  },
};
