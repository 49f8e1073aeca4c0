// Generated from the contracts by `npm run generate -w sdk`.
export const platformRoutes = {
  platform: {
    auditEvents: {
      list: 'GET /platform/audit-events p',
      export: 'GET /platform/audit-events/export n',
      verify: 'POST /platform/audit-events/verify b',
    },
    signingKeys: {
      list: 'GET /platform/signing-keys ',
      publish: 'POST /platform/signing-keys k',
      rotate: 'POST /platform/signing-keys/rotate k',
      revoke: 'POST /platform/signing-keys/:kid/revoke k',
    },
    auth: {
      login: 'POST /platform/auth/login ab',
      refresh: 'POST /platform/auth/refresh a',
      logout: 'POST /platform/auth/logout a',
      session: 'GET /platform/auth/session ',
    },
    plans: {
      list: 'GET /platform/plans p',
      get: 'GET /platform/plans/:id ',
      create: 'POST /platform/plans bk',
      update: 'PATCH /platform/plans/:id b',
      delete: 'DELETE /platform/plans/:id ',
      preview: 'POST /platform/plans/:id/preview b',
    },
    products: {
      list: 'GET /platform/products ',
      get: 'GET /platform/products/:id ',
      update: 'PATCH /platform/products/:id b',
      modules: 'GET /platform/products/:id/modules ',
    },
    tenantLimits: {
      list: 'GET /platform/tenants/:id/limits ',
      set: 'PUT /platform/tenants/:id/limits/:code b',
      delete: 'DELETE /platform/tenants/:id/limits/:code ',
    },
    tenantModules: {
      list: 'GET /platform/tenants/:id/modules ',
      set: 'PUT /platform/tenants/:id/modules/:code b',
      delete: 'DELETE /platform/tenants/:id/modules/:code ',
    },
    tenantProducts: {
      list: 'GET /platform/tenants/:id/products ',
      set: 'PUT /platform/tenants/:id/products/:code b',
      delete: 'DELETE /platform/tenants/:id/products/:code ',
    },
  },
} as const;
