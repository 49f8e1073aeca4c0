export { createAcceptInvitation } from './accept.js';
export { type InvitationRow, insertInvitation, updateToken } from './repo.js';
export { invitationRoutes } from './routes.js';
export { createInvitationService, type InvitationService, invitationLifetimeMs, invitationMail } from './service.js';
