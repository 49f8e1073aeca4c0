export { serviceTokenRoutes } from './routes.js';
export { createServiceTokens, hashServiceSecret } from './service.js';
