export {
  type AccountMailKind,
  type AccountMails,
  createAccountMails,
  type MailOrigin,
  type NewAccountMail,
} from './queue.js';
