// Generated from the contracts by `npm run generate -w sdk`.
export const dataInternalRoutes = {
  outbox: {
    pull: 'GET /internal/outbox w',
    ack: 'POST /internal/outbox/ack b',
  },
  quoteMail: {
    get: 'GET /internal/tenants/:tenant_id/quotes/:id/mail ',
  },
} as const;
