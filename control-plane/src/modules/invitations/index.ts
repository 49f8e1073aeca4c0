export { createAcceptInvitation } from './accept.js';
export { invitationRoutes } from './routes.js';
export { createInvitationService, type InvitationService } from './service.js';
