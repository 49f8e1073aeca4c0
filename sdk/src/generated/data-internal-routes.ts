// Generated from the contracts by `npm run generate -w @platen/sdk`.
export const dataInternalRoutes = {
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
  quoteMail: {
    get: 'GET /internal/tenants/:tenant_id/quotes/:id/mail ',
  },
  quoteExpiry: {
    expire: 'POST /internal/tenants/:tenant_id/quotes/:id/expire b',
  },
  jobs: {
    claim: 'POST /internal/tenants/:tenant_id/jobs/:id/claim b',
    progress: 'POST /internal/tenants/:tenant_id/jobs/:id/progress b',
    complete: 'POST /internal/tenants/:tenant_id/jobs/:id/complete b',
    fail: 'POST /internal/tenants/:tenant_id/jobs/:id/fail b',
    release: 'POST /internal/tenants/:tenant_id/jobs/:id/release b',
  },
  jobFiles: {
    list: 'GET /internal/tenants/:tenant_id/jobs/:id/files ',
    put: 'POST /internal/tenants/:tenant_id/jobs/:id/file cos',
    putPart: 'POST /internal/tenants/:tenant_id/jobs/:id/parts/:part cos',
    getPart: 'GET /internal/tenants/:tenant_id/jobs/:id/parts/:part ds',
    deleteParts: 'DELETE /internal/tenants/:tenant_id/jobs/:id/parts ',
  },
  exportRows: {
    list: 'GET /internal/tenants/:tenant_id/jobs/:id/rows ',
  },
  mockups: {
    input: 'GET /internal/tenants/:tenant_id/jobs/:id/inputs/:which ds',
  },
  orderMail: {
    get: 'GET /internal/tenants/:tenant_id/orders/:id/mail ',
  },
  repricing: {
    request: 'POST /internal/tenants/:tenant_id/pricing/repricing b',
    batch: 'POST /internal/tenants/:tenant_id/jobs/:id/reprice b',
  },
  productionRuns: {
    record: 'POST /internal/tenants/:tenant_id/production-jobs/:id/runs b',
  },
  deconetworkConnections: {
    open: 'POST /internal/tenants/:tenant_id/jobs/:id/deconetwork/open b',
    tested: 'POST /internal/tenants/:tenant_id/jobs/:id/deconetwork/tested b',
    rejected: 'POST /internal/tenants/:tenant_id/jobs/:id/deconetwork/rejected b',
  },
  deconetworkRecords: {
    records: 'POST /internal/tenants/:tenant_id/jobs/:id/deconetwork/records b',
    finishReading: 'POST /internal/tenants/:tenant_id/jobs/:id/deconetwork/finish-reading b',
  },
  deconetworkRework: {
    rework: 'POST /internal/tenants/:tenant_id/jobs/:id/deconetwork/rework b',
  },
  deconetworkCalls: {
    nextCall: 'POST /internal/tenants/:tenant_id/jobs/:id/deconetwork/next-call b',
    settleCall: 'POST /internal/tenants/:tenant_id/jobs/:id/deconetwork/calls/:call_id/settle b',
  },
  deconetworkEvents: {
    plan: 'POST /internal/tenants/:tenant_id/deconetwork/plan b',
  },
  telemetryReadings: {
    write: 'POST /internal/tenants/:tenant_id/readings b',
  },
  tenants: {
    check: 'POST /internal/tenants/:tenant_id/check b',
    prepare: 'POST /internal/tenants/:tenant_id/prepare b',
    purge: 'POST /internal/tenants/:tenant_id/purge b',
  },
} as const;
