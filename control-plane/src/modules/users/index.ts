export { createUserAccessService } from './access-service.js';
export { updateInvitationsRevoked } from './repo.js';
export { requireRoomForUser } from './room.js';
export { userRoutes } from './routes.js';
export { createUserService } from './service.js';
