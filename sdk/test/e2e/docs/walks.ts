/** A request of a page: words of it, and how it is answered; what of the answer the page tells its reader to keep. */
export interface Step {
  readonly says: string;
  readonly status?: number;
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
};

/** Pages that begin where another has led, with its shell and its cookies, as somebody else. */
export const beginsWith: Readonly<Record<string, { readonly page: string; readonly as: string }>> = {
  'docs/telemetry.md': { page: 'README.md', as: 'manager@acme.test' },
};
