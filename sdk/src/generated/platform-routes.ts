// Generated from the contracts by `npm run generate -w sdk`.
export const platformRoutes = {
  platform: {
    auth: {
      login: 'POST /platform/auth/login ab',
      refresh: 'POST /platform/auth/refresh a',
      logout: 'POST /platform/auth/logout a',
      session: 'GET /platform/auth/session ',
    },
  },
} as const;
