import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Id } from '../shapes.js';

export const quoteExpiry = contracts('internal.quoteExpiry', {
  expire: {
    method: 'POST',
    path: '/internal/tenants/:tenant_id/quotes/:id/expire',
    access: { service: 'erp.quote.expiry' },
    summary: 'Mark a sent quote as expired whose validity is over',
    description:
      'Whether it is over is looked up here and now. Saying so twice is fine; a quote that was answered, taken back or made valid for longer stays as it is.',
    params: closed({ tenant_id: Id, id: Id }),
    body: closed({ organization_id: Id, workspace_id: Type.Optional(Id) }),
    status: 200,
    response: closed({ expired: Type.Boolean({ description: 'Is it expired now?' }) }),
    idempotency: 'exempt',
  },
});
