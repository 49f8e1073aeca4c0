export { type Actor, platformActor, tenantActor } from './actor.js';
export { domainItem, domainRows, findDomain, hasTenant } from './repo.js';
export { domainRoutes } from './routes.js';
export { createDomainService, type DomainService } from './service.js';
export { createTxtResolver, type TxtResolver } from './txt-resolver.js';
