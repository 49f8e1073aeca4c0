export { createKeyExchange } from './exchange.js';
export { apiKeyRoutes } from './routes.js';
export { createApiKeyService } from './service.js';
