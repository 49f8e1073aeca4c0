export { type AccountMails, createAccountMails, type MailOrigin, type NewAccountMail } from './queue.js';
export { accountMailRoutes } from './routes.js';
export { createAccountMailService } from './service.js';
export { accountMailSweep } from './sweep.js';
