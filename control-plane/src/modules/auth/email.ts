/** The form in which e-mails are stored and looked up; they are compared exactly from here on. */
export const normaliseEmail = (email: string): string => email.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
