// Generated from the contracts by `npm run generate -w sdk`.
export const controlRoutes = {
  auth: {
    login: 'POST /api/auth/login ab',
    refresh: 'POST /api/auth/refresh a',
    logout: 'POST /api/auth/logout a',
    session: 'GET /api/auth/session ',
  },
  context: {
    get: 'GET /api/context ',
    switch: 'POST /api/context/switch b',
  },
  admin: {
    userRoles: {
      create: 'POST /api/admin/user-roles bk',
      delete: 'DELETE /api/admin/user-roles/:id ',
    },
  },
  keys: {
    jwks: 'GET /.well-known/jwks.json a',
  },
} as const;
