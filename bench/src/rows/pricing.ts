import { priceBasket } from '@platen/data-plane/modules/pricing/engine/price-basket';
import type { Rule } from '@platen/data-plane/modules/pricing/engine/rule-set';
import { loadBasket, loadRules, loadSettings } from '@platen/data-plane/modules/pricing/engine/sample-load';
import { compiled } from '@platen/data-plane/modules/pricing/engine/samples';
import { cpuNanosEach, cpuNanosOfEach } from '../measure/in-process.js';
import { ratios, type Spread, spreadOf } from '../measure/statistics.js';
import { jsonRulesEngine, priceBy, zenEngine } from '../peers/rule-engines.js';
import { priceNaively } from './naive-pricing.js';
import type { Effort, Result, Row } from './row.js';

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
    const peers = await peerResults(rules, total, effort);
    return [
      {
        label: 'engine with receipts',
        unit: 'R',
        value: spreadOf(ratios(engine, naive)),
        must: 0.5,
        goal: 0.2,
        detail: `${spreadOf(engine).median.toFixed(0)} µs; naive decimal.js loop without receipts ${spreadOf(naive).median.toFixed(0)} µs; both ${total}`,
      },
      ...peers(spreadOf(engine).median),
    ];
  },
};

/** General rule engines on the same rules, which find what applies; prices are computed from that in decimals. */
async function peerResults(rules: readonly Rule[], total: string, { rounds }: Effort) {
  const basket = loadBasket();
  const measured: { name: string; micros: Spread }[] = [];
  for (const [name, find, times] of [
    ['json-rules-engine', jsonRulesEngine(rules), 2],
    ['zen-engine', zenEngine(rules), 20],
  ] as const) {
    if (!find) continue;
    const price = () => priceBy(find, basket, loadSettings);
    const theirs = (await price()).toFixed(4);
    if (theirs !== total) throw new Error(`the engine says ${total}, ${name} ${theirs}`);
    const each: number[] = [];
    for (let round = 0; round < rounds; round += 1) each.push((await cpuNanosOfEach(times, price)) / 1000);
    measured.push({ name, micros: spreadOf(each) });
  }
  return (ourMicros: number): Result[] =>
    measured.map(({ name, micros }) => ({
      label: `${name}, no receipt`,
      unit: 'µs',
      value: micros,
      detail: `${(micros.median / ourMicros).toFixed(0)} times ours; the same ${total}`,
    }));
}
