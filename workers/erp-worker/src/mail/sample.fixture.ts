import type { Mail } from './mail.js';

/** What must be found nowhere but in the mail itself. */
export const canaries = ['canary-of-a-link', 'ada.canary@example.com', 'Ada Canary', 'canary-of-a-password'] as const;

export const sampleMail: Mail = {
  messageId: '0199-sample@platen.localhost',
  date: new Date('2026-03-01T09:30:00Z'),
  from: { name: 'Acme "Prints"', address: 'no-reply@platen.localhost' },
  to: { name: 'Ada Canary', address: 'ada.canary@example.com' },
  subject: 'Angebot für Ädä',
  text: 'See https://acme.example/quote#token=canary-of-a-link\n',
  html: '<p>See <a href="https://acme.example/quote#token=canary-of-a-link">it</a></p>',
};
