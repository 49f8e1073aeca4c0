// Generated from the contracts by `npm run generate -w @platen/sdk`.
export const controlInternalRoutes = {
  token: {
    issue: 'POST /internal/token ab',
  },
  feed: {
    snapshot: 'GET /internal/snapshot ns',
    changes: 'GET /internal/changes w',
  },
  instances: {
    report: 'POST /internal/instances b',
    leave: 'DELETE /internal/instances/:instance_id ',
  },
  keySet: {
    get: 'GET /internal/key-set a',
  },
  outbox: {
    pull: 'GET /internal/outbox w',
    ack: 'POST /internal/outbox/ack b',
    park: 'POST /internal/outbox/park b',
    parkedKeys: 'GET /internal/outbox/parked-keys ',
    retries: 'GET /internal/outbox/retries w',
    settle: 'POST /internal/outbox/retries/settle b',
  },
  deadLetters: {
    list: 'GET /internal/dead-letters ',
    get: 'GET /internal/dead-letters/one ',
    replay: 'POST /internal/dead-letters/replay b',
    drop: 'POST /internal/dead-letters/drop b',
  },
  accountMails: {
    get: 'GET /internal/tenants/:tenant_id/account-mails/:event_id ',
    delivered: 'POST /internal/tenants/:tenant_id/account-mails/:event_id/delivered ',
  },
} as const;
