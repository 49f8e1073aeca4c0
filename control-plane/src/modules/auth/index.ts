export { type SessionCookies, sessionCookies } from './cookies.js';
export { normaliseEmail } from './email.js';
export { createSessionIssuer, type IssueSession } from './issue-session.js';
export { createPasswordPool, type PasswordPool } from './password-pool.js';
export { authRoutes } from './routes.js';
export { createAuthService } from './service.js';
export { sessionSweeps } from './sweep.js';
