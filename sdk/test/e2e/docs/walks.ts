/** A request of a page: words of it, and how it is answered; what of the answer the page tells its reader to keep. */
export interface Step {
  readonly says: string;
  readonly status?: number;
  readonly answers?: RegExp;
  readonly keeps?: Readonly<Record<string, string>>;
}

/** Blocks with curl, page by page and in order, as one reader types them into one shell. */
export const walks: Readonly<Record<string, readonly Step[]>> = {
  'README.md': [
    { says: '/api/auth/login', status: 200 },
    { says: '/api/erp/orders?limit=2', status: 200 },
  ],
  'docs/telemetry.md': [
    { says: 'D=http://acme.localhost' },
    { says: 'create() {' },
    { says: 'create /api/telemetry/devices', status: 201, keeps: { DEVICE_ID: '.id' } },
    { says: 'create /api/telemetry/metrics', status: 201 },
    { says: '/credentials', status: 201, keeps: { SECRET: '.secret' } },
    { says: '/api/telemetry/readings', status: 200 },
    { says: '/api/telemetry/latest', status: 200 },
    { says: '/api/telemetry/series', status: 200 },
  ],
  'docs/databases.md': [
    { says: 'P=http://platform.localhost' },
    { says: '/platform/auth/login', status: 200 },
    { says: '/platform/databases', status: 200, answers: /"erp-2"/ },
    { says: '/platform/plans', status: 200, keeps: { PLAN_ID: '.items[0].id' } },
    { says: '/platform/tenants', status: 201, keeps: { TENANT_ID: '.id' } },
    { says: '/platform/tenants/$TENANT_ID', status: 200, answers: /"status":"(?:provisioning|active)"/ },
  ],
  'docs/integrating.md': [
    { says: 'C=http://acme.localhost' },
    { says: 'D=http://acme.localhost' },
    { says: '/api/auth/login', status: 200 },
    {
      says: '/api/context',
      status: 200,
      keeps: { ORGANIZATION_ID: ".organizations.find(({ name }) => name === 'Acme Promo').id" },
    },
    { says: '/api/admin/roles', status: 200, keeps: { ROLE_ID: ".items.find(({ name }) => name === 'Sales').id" } },
    { says: '/api/admin/api-keys', status: 201, keeps: { API_KEY: '.key', KEY_ID: '.id' } },
    { says: '/api/auth/token', status: 200, keeps: { TOKEN: '.access_token' } },
    { says: 'customer() {' },
    { says: 'customer ', status: 201, answers: /"code":"web-77"/, keeps: { CUSTOMER_ID: '.id' } },
    { says: 'customer ', status: 201, answers: /^idempotent-replayed: true/im },
    { says: 'Somebody else', status: 422, answers: /"idempotency_key_reused"/ },
    { says: 'If-Match', status: 200, answers: /"version":2/ },
    { says: 'If-Match', status: 412, answers: /"version_mismatch"/ },
    { says: '?limit=2"', status: 200, keeps: { CURSOR: '.next_cursor' } },
    { says: '&cursor=$CURSOR', status: 200, answers: /"items":\[\{/ },
    { says: '/api/erp/jobs/events', status: 200 },
    { says: 'nmae', status: 400, answers: /"validation_failed"[\s\S]*nmae|nmae[\s\S]*"validation_failed"/ },
    { says: '/revoke', status: 200, answers: /"revoked_at":"/ },
    { says: '/api/auth/token', status: 401, answers: /"invalid_api_key"/ },
  ],
};

/** Pages that begin where another has led, with its shell and its cookies, as somebody else. */
export const beginsWith: Readonly<Record<string, { readonly page: string; readonly as: string }>> = {
  'docs/telemetry.md': { page: 'README.md', as: 'manager@acme.test' },
};
