export { exportChain } from './export-chain.js';
export { auditHeadLog } from './head-log.js';
export { type AuditActor, type AuditEntry, recordAudit } from './record-audit.js';
export { findTenantId, listChains } from './repo.js';
export { auditRoutes, platformAuditRoutes } from './routes.js';
export { type AuditService, createAuditService, verifyStored } from './service.js';
export type { ChainPoint, ChainProblem } from './verify-chain.js';
export { verifyExport } from './verify-export.js';
