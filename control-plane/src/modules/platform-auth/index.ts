export { createPlatformSessionIssuer } from './issue-session.js';
export { platformAuthRoutes } from './routes.js';
export { createPlatformGuardRules } from './rules.js';
export { createPlatformAuthService } from './service.js';
export { platformSessionSweeps } from './sweep.js';
