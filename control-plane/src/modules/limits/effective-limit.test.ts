import t from 'tap';
import { effectiveLimit } from './effective-limit.js';

t.test('a limit of the tenant stands in place of the plan’s; null is unlimited; absent is none', async (t) => {
  const none = { has_own: false, own: null, has_plan: false, plan: null };
  t.same(effectiveLimit(none), { value: null, decidedBy: 'none' });
  t.same(effectiveLimit({ ...none, has_plan: true, plan: 5 }), { value: 5, decidedBy: 'plan' });
  t.same(effectiveLimit({ ...none, has_plan: true }), { value: null, decidedBy: 'plan' });
  t.same(effectiveLimit({ has_own: true, own: 2, has_plan: true, plan: 5 }), { value: 2, decidedBy: 'tenant' });
  t.same(effectiveLimit({ has_own: true, own: 0, has_plan: true, plan: 5 }), { value: 0, decidedBy: 'tenant' });
  t.same(effectiveLimit({ has_own: true, own: null, has_plan: true, plan: 5 }), { value: null, decidedBy: 'tenant' });
});
