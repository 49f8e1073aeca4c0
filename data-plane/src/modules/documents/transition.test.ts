import { orderMachine } from '@platen/schema/states/order';
import { quoteMachine, quoteStatuses } from '@platen/schema/states/quote';
import t from 'tap';
import { requireMove, requireStatus, requireVersion } from './transition.js';

t.doesNotThrow(() => requireMove(quoteMachine, 'draft', 'sent'));
t.throws(() => requireMove(quoteMachine, 'accepted', 'sent'), {
  code: 'illegal_transition',
  extensions: { current: 'accepted', allowed: ['converted'] },
});
t.throws(() => requireMove(orderMachine, 'shipped', 'cancelled'), {
  code: 'illegal_transition',
  extensions: { allowed: ['completed'] },
});
for (const to of quoteStatuses) t.throws(() => requireMove(quoteMachine, 'converted', to), `nothing follows: ${to}`);
t.throws(() => requireStatus('draft', ['confirmed', 'ready'], 'payment'), {
  code: 'illegal_transition',
  extensions: { allowed: ['confirmed', 'ready'] },
});
t.doesNotThrow(() => requireVersion({ ifMatch: null }, 3));
t.doesNotThrow(() => requireVersion({ ifMatch: 3 }, 3));
t.throws(() => requireVersion({ ifMatch: 2 }, 3), { code: 'version_mismatch', extensions: { version: 3 } });
