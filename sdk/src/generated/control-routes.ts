// Generated from the contracts by `npm run generate -w @platen/sdk`.
export const controlRoutes = {
  access: {
    permissions: 'GET /api/access/permissions ',
    modules: 'GET /api/access/modules ',
  },
  auth: {
    login: 'POST /api/auth/login ab',
    refresh: 'POST /api/auth/refresh a',
    logout: 'POST /api/auth/logout a',
    session: 'GET /api/auth/session ',
    token: 'POST /api/auth/token ab',
    invitations: {
      accept: 'POST /api/auth/invitations/accept ab',
    },
    sessions: {
      list: 'GET /api/auth/sessions p',
      delete: 'DELETE /api/auth/sessions/:id ',
    },
    password: {
      change: 'POST /api/auth/password b',
    },
    passwordReset: {
      request: 'POST /api/auth/password-reset ab',
      confirm: 'POST /api/auth/password-reset/confirm ab',
    },
    email: {
      change: 'POST /api/auth/email b',
      confirm: 'POST /api/auth/email/confirm ab',
    },
    totp: {
      create: 'POST /api/auth/totp b',
      confirm: 'POST /api/auth/totp/confirm b',
      delete: 'DELETE /api/auth/totp b',
    },
  },
  context: {
    get: 'GET /api/context ',
    switch: 'POST /api/context/switch b',
  },
  admin: {
    auditEvents: {
      list: 'GET /api/admin/audit-events p',
      export: 'GET /api/admin/audit-events/export ns',
    },
    access: {
      explain: 'GET /api/admin/access/explain ',
      preview: 'POST /api/admin/access/preview b',
    },
    apiKeys: {
      list: 'GET /api/admin/api-keys p',
      create: 'POST /api/admin/api-keys bk',
      revoke: 'POST /api/admin/api-keys/:id/revoke k',
    },
    domains: {
      list: 'GET /api/admin/domains p',
      create: 'POST /api/admin/domains bk',
      verify: 'POST /api/admin/domains/:id/verify ',
      update: 'PATCH /api/admin/domains/:id b',
      delete: 'DELETE /api/admin/domains/:id ',
    },
    invitations: {
      list: 'GET /api/admin/invitations p',
      create: 'POST /api/admin/invitations bk',
      resend: 'POST /api/admin/invitations/:id/resend k',
      revoke: 'POST /api/admin/invitations/:id/revoke k',
    },
    organizationSettings: {
      get: 'GET /api/admin/organizations/:id/settings ',
      update: 'PATCH /api/admin/organizations/:id/settings b',
    },
    organizations: {
      list: 'GET /api/admin/organizations p',
      get: 'GET /api/admin/organizations/:id ',
      create: 'POST /api/admin/organizations bk',
      update: 'PATCH /api/admin/organizations/:id b',
    },
    permissionOverrides: {
      list: 'GET /api/admin/permission-overrides p',
      create: 'POST /api/admin/permission-overrides bk',
      delete: 'DELETE /api/admin/permission-overrides/:id ',
    },
    permissions: {
      list: 'GET /api/admin/permissions ',
    },
    roles: {
      list: 'GET /api/admin/roles p',
      get: 'GET /api/admin/roles/:id ',
      create: 'POST /api/admin/roles bk',
      update: 'PATCH /api/admin/roles/:id b',
      delete: 'DELETE /api/admin/roles/:id ',
    },
    stores: {
      list: 'GET /api/admin/stores p',
      get: 'GET /api/admin/stores/:id ',
      create: 'POST /api/admin/stores bk',
      update: 'PATCH /api/admin/stores/:id b',
      delete: 'DELETE /api/admin/stores/:id ',
    },
    userRoles: {
      list: 'GET /api/admin/user-roles p',
      create: 'POST /api/admin/user-roles bk',
      delete: 'DELETE /api/admin/user-roles/:id ',
    },
    users: {
      list: 'GET /api/admin/users p',
      get: 'GET /api/admin/users/:id ',
      update: 'PATCH /api/admin/users/:id b',
      disable: 'POST /api/admin/users/:id/disable k',
      enable: 'POST /api/admin/users/:id/enable k',
      resetTotp: 'DELETE /api/admin/users/:id/totp ',
      endSessions: 'POST /api/admin/users/:id/end-sessions k',
    },
    workspaces: {
      list: 'GET /api/admin/workspaces p',
      create: 'POST /api/admin/workspaces bk',
      update: 'PATCH /api/admin/workspaces/:id b',
    },
  },
  keys: {
    jwks: 'GET /.well-known/jwks.json a',
  },
  menu: {
    get: 'GET /api/menu ',
  },
} as const;
