import { enablementSources } from '@platen/schema/tables/control/tenants';
import fc from 'fast-check';
import t from 'tap';
import { propertyHolds } from '../../test/property.js';
import { decideModule, type Enablement, type ModuleFacts, spanOf } from './decide-module.js';

const nowMs = 1_000;
const nothing: ModuleFacts = { featureEnabled: true, inPlan: false, product: null, module: null };
const on = (source: Enablement['source'], validUntilMs: number | null = null): Enablement => ({
  enabled: true,
  source,
  validUntilMs,
});
const off = (validUntilMs: number | null = null): Enablement => ({ enabled: false, source: 'plan', validUntilMs });
const decide = (facts: Partial<ModuleFacts>, atMs = nowMs) => {
  const { available, decidedBy, availableFromMs, validUntilMs } = decideModule({ ...nothing, ...facts }, atMs);
  return [available, decidedBy, availableFromMs, validUntilMs];
};

t.test('each layer, the first that has something to say', async (t) => {
  const everything = { inPlan: true, product: off(), module: on('grant') };
  t.same(decide({ ...everything, featureEnabled: false }), [false, 'feature_flag', null, null]);
  t.same(decide(everything), [false, 'product', null, null]);
  t.same(decide({ inPlan: true, product: on('plan', nowMs) }), [false, 'product', null, nowMs], 'the end is exclusive');
  t.same(decide({ inPlan: true, product: on('plan', 2_000) }), [true, 'plan', null, 2_000]);
  t.same(decide({ inPlan: true, module: off() }), [false, 'switch_off', null, null]);
  t.same(decide({ inPlan: true, module: off(2_000) }), [false, 'switch_off', 2_000, null]);
  t.same(decide({ module: off(2_000) }), [false, 'switch_off', null, null], 'nothing comes after it');
  t.same(decide({ module: on('grant') }), [true, 'grant', null, null]);
  t.same(decide({ module: on('trial', 2_000) }), [true, 'trial', null, 2_000]);
  t.same(
    decide({ product: on('trial', 2_000) }),
    [true, 'trial', null, 2_000],
    'a product on trial brings its modules',
  );
  t.same(decide({ product: on('grant'), module: off() }), [false, 'switch_off', null, null], 'but for one that is off');
  t.same(decide({ inPlan: true }), [true, 'plan', null, null]);
  t.same(decide({}), [false, 'plan', null, null]);
});

t.test('after a grant or trial the plan counts again', async (t) => {
  t.same(decide({ inPlan: true, module: on('trial', 500) }), [true, 'plan', null, null]);
  t.same(decide({ inPlan: true, product: on('trial', 500) }), [true, 'plan', null, null]);
  t.same(decide({ inPlan: true, module: off(500) }), [true, 'plan', null, null]);
  t.same(
    decide({ inPlan: true, module: on('trial', 2_000) }),
    [true, 'trial', null, null],
    'and goes on without a gap',
  );
  t.same(decide({ module: on('trial', 500) }), [false, 'ended_trial', null, 500]);
  t.same(decide({ product: on('grant', 500) }), [false, 'ended_grant', null, 500]);
});

const enablement = fc.option(
  fc.record({
    enabled: fc.boolean(),
    source: fc.constantFrom(...enablementSources),
    validUntilMs: fc.option(fc.integer({ min: 0, max: 6 })),
  }),
);
const world = fc.record({
  featureEnabled: fc.boolean(),
  inPlan: fc.boolean(),
  product: enablement,
  module: enablement,
});
const moment = fc.integer({ min: -1, max: 7 });

t.test('what holds in every world', async (t) => {
  const runs = { numRuns: 5_000 };
  propertyHolds(
    t,
    fc.property(world, moment, (facts, atMs) => {
      const span = spanOf(facts);
      const { available } = decideModule(facts, atMs);
      return (
        available === isSlowlyAvailable(facts, atMs) &&
        available === (span !== null && span.startsMs <= atMs && atMs < span.endsMs)
      );
    }),
    runs,
  );
  propertyHolds(
    t,
    fc.property(world, moment, (facts, atMs) => {
      // Nothing between now and the time that the answer names changes it; at that time it does.
      const { available, availableFromMs, validUntilMs } = decideModule(facts, atMs);
      const turnsAtMs = available ? validUntilMs : availableFromMs;
      for (let later = atMs; later < (turnsAtMs ?? 8); later += 1) {
        if (decideModule(facts, later).available !== available) return false;
      }
      return turnsAtMs === null || decideModule(facts, turnsAtMs).available !== available;
    }),
    runs,
  );
  propertyHolds(
    t,
    fc.property(world, moment, fc.integer({ min: 0, max: 6 }), (facts, atMs, endMs) => {
      const before = decideModule({ ...facts, module: null }, atMs).available;
      const withTrial = decideModule({ ...facts, module: on('trial', endMs) }, atMs).available;
      return withTrial || !before;
    }),
    runs,
  );
});

/** The same, the obvious way: the layers one below the other, each silent once it has ended. */
function isSlowlyAvailable({ featureEnabled, inPlan, product, module }: ModuleFacts, atMs: number): boolean {
  const layers: (boolean | undefined)[] = [
    featureEnabled ? undefined : false,
    product && !product.enabled && inForce(product, atMs) ? false : undefined,
    product?.enabled && product.source === 'plan' && !inForce(product, atMs) ? false : undefined,
    module && inForce(module, atMs) ? module.enabled : undefined,
    product?.enabled && product.source !== 'plan' && inForce(product, atMs) ? true : undefined,
    inPlan,
  ];
  return layers.find((layer) => layer !== undefined) ?? false;
}

const inForce = ({ validUntilMs }: Enablement, atMs: number) => validUntilMs === null || atMs < validUntilMs;
