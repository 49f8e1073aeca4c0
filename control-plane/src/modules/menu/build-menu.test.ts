import fc from 'fast-check';
import t from 'tap';
import { propertyHolds } from '../../test/property.js';
import { decideModule, type ModuleDecision } from '../availability/index.js';
import { buildMenu } from './build-menu.js';
import type { MenuItem } from './repo.js';

const item = (code: string, extra: Partial<MenuItem> = {}): MenuItem => ({
  code,
  parent: null,
  label: code,
  route: `/${code}`,
  icon: null,
  module: 'erp.quotes',
  permission: null,
  upsell: false,
  ...extra,
});
const facts = { featureEnabled: true, inPlan: true, product: null, module: null };
const has = decideModule(facts, 0);
const lacks = decideModule({ ...facts, inPlan: false }, 0);
const flagOff = decideModule({ ...facts, featureEnabled: false }, 0);
const build = (
  items: MenuItem[],
  decision: ModuleDecision = has,
  holds: (permission: string) => boolean = () => true,
) => buildMenu(items, { holds, decisions: new Map([['erp.quotes', decision]]) });
const codes = (items: MenuItem[], ...rest: [ModuleDecision?, ((permission: string) => boolean)?]) =>
  build(items, ...rest).items.map(({ code, children }) => [code, ...children.map((child) => child.code)]);

t.test('a heading is there while one of its links is', async (t) => {
  const tree = [item('sales', { route: null }), item('quotes', { parent: 'sales', permission: 'read' })];
  t.same(codes(tree), [['sales', 'quotes']]);
  t.same(
    codes(tree, has, () => false),
    [],
  );
  t.same(codes(tree, lacks), []);
  t.same(
    codes([item('catalogue'), ...tree], has, () => false),
    [['catalogue']],
  );
});

t.test('what the tenant lacks is blocked if it is for sale, and what the installation lacks is gone', async (t) => {
  const items = [item('quotes', { upsell: true, permission: 'read' }), item('plain')];
  t.match(build(items, lacks).items, [{ code: 'quotes', blocked: true, blocked_by: 'plan', module: 'erp.quotes' }]);
  t.equal(build(items, lacks).items.length, 1);
  t.same(codes(items, flagOff), []);
  t.same(
    codes(items, lacks, () => false),
    [],
    'nobody is sold what they may not use',
  );
  t.match(build(items).items, [{ blocked: false, blocked_by: null }, { code: 'plain' }]);
  t.same(buildMenu(items, { holds: () => true, decisions: new Map() }).items, []);
});

t.test('it turns when the first module that it shows does', async (t) => {
  const trial = decideModule(
    { ...facts, inPlan: false, module: { enabled: true, source: 'trial', validUntilMs: 9 } },
    5,
  );
  const off = decideModule({ ...facts, module: { enabled: false, source: 'plan', validUntilMs: 7 } }, 5);
  const decisions = new Map([
    ['erp.quotes', trial],
    ['erp.orders', off],
  ]);
  const items = [item('quotes'), item('orders', { module: 'erp.orders', permission: 'read' })];
  t.equal(buildMenu(items, { holds: () => true, decisions }).turnsAtMs, 7, 'also what is not there yet');
  t.equal(buildMenu(items, { holds: () => false, decisions }).turnsAtMs, 9, 'what they do not see does not count');
  t.equal(build(items).turnsAtMs, null);
});

t.test('in every world: nothing without its permission, nothing usable without its module', async (t) => {
  const permission = fc.option(fc.constantFrom('read', 'write'));
  const module = fc.constantFrom('erp.quotes', 'erp.orders', 'erp.gone');
  const entry = fc.record({
    permission,
    module,
    upsell: fc.boolean(),
    route: fc.option(fc.constant('/x')),
    parent: fc.option(fc.nat(3)),
  });
  const held = fc.subarray(['read', 'write']);
  const decision = fc.constantFrom(has, lacks, flagOff);
  propertyHolds(
    t,
    fc.property(fc.array(entry, { maxLength: 12 }), held, decision, decision, (rows, holds, quotes, orders) => {
      const items = rows.map((row, index) =>
        item(String(index), { ...row, parent: row.parent === null || row.parent >= index ? null : String(row.parent) }),
      );
      const decisions = new Map([
        ['erp.quotes', quotes],
        ['erp.orders', orders],
      ]);
      const shown = buildMenu(items, { holds: (code) => holds.includes(code), decisions }).items;
      for (const link of shown.flatMap((each) => [each, ...each.children])) {
        const declared = items.find(({ code }) => code === link.code);
        if (declared === undefined) return false;
        if (declared.route === null) continue;
        const available = decisions.get(declared.module)?.available ?? false;
        if (declared.permission !== null && !holds.includes(declared.permission)) return false;
        if (link.blocked === available || (link.blocked && !declared.upsell)) return false;
      }
      return shown.every(({ route, children }) => route !== null || children.length > 0);
    }),
    { numRuns: 2_000 },
  );
});
