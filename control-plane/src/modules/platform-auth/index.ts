export { createPlatformSessionIssuer } from './issue-session.js';
export { removeAdminTotp } from './remove-totp.js';
export {
  updatePasswordHash as updateAdminPassword,
  updateSessionsRevoked as endAdminSessions,
} from './repo.js';
export { platformAuthRoutes } from './routes.js';
export { createPlatformGuardRules } from './rules.js';
export { createPlatformAuthService } from './service.js';
export { platformSessionSweeps } from './sweep.js';
