// Generated from the contracts by `npm run generate -w @platen/sdk`.
export const platformRoutes = {
  platform: {
    admins: {
      list: 'GET /platform/admins p',
      get: 'GET /platform/admins/:id ',
      create: 'POST /platform/admins b',
      update: 'PATCH /platform/admins/:id b',
      disable: 'POST /platform/admins/:id/disable k',
      enable: 'POST /platform/admins/:id/enable k',
      resetPassword: 'POST /platform/admins/:id/reset-password b',
    },
    serviceAccounts: {
      list: 'GET /platform/service-accounts p',
      create: 'POST /platform/service-accounts b',
      update: 'PATCH /platform/service-accounts/:id b',
      rotateSecret: 'POST /platform/service-accounts/:id/rotate-secret ',
      disable: 'POST /platform/service-accounts/:id/disable k',
      enable: 'POST /platform/service-accounts/:id/enable k',
    },
    auditEvents: {
      list: 'GET /platform/audit-events p',
      export: 'GET /platform/audit-events/export ns',
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
      password: {
        change: 'POST /platform/auth/password b',
      },
      totp: {
        create: 'POST /platform/auth/totp b',
        confirm: 'POST /platform/auth/totp/confirm b',
        delete: 'DELETE /platform/auth/totp b',
      },
    },
    dataPlanes: {
      list: 'GET /platform/data-planes ',
    },
    databases: {
      list: 'GET /platform/databases ',
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
    tenantDomains: {
      list: 'GET /platform/tenants/:id/domains p',
      create: 'POST /platform/tenants/:id/domains bk',
      delete: 'DELETE /platform/tenants/:id/domains/:domain_id ',
    },
    tenantStores: {
      list: 'GET /platform/tenants/:id/stores p',
      create: 'POST /platform/tenants/:id/stores bk',
      delete: 'DELETE /platform/tenants/:id/stores/:store_id ',
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
    tenantUsers: {
      list: 'GET /platform/tenants/:id/users p',
      disable: 'POST /platform/tenants/:id/users/:user_id/disable k',
      enable: 'POST /platform/tenants/:id/users/:user_id/enable k',
      resendInvitation: 'POST /platform/tenants/:id/users/:user_id/resend-invitation k',
    },
    tenants: {
      list: 'GET /platform/tenants p',
      get: 'GET /platform/tenants/:id ',
      create: 'POST /platform/tenants bk',
      update: 'PATCH /platform/tenants/:id b',
      provision: 'POST /platform/tenants/:id/provision k',
      suspend: 'POST /platform/tenants/:id/suspend k',
      reactivate: 'POST /platform/tenants/:id/reactivate k',
      delete: 'POST /platform/tenants/:id/delete k',
    },
  },
} as const;
