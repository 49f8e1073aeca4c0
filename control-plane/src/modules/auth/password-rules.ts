import { AppError } from '@platen/chassis/http/app-error';

/** Whose password it is to be: what others would try first. */
export interface PasswordOwner {
  readonly email: string;
  readonly name: string;
  readonly tenantName: string;
  readonly tenantSlug: string;
}

const minLength = 12;
const maxLength = 128;

/**
 * @param password as typed; hashed as NFKC, so judged as that.
 * @throws AppError password_unacceptable
 */
export async function requireAcceptablePassword(password: string, owner: PasswordOwner): Promise<void> {
  const text = password.normalize('NFKC');
  const length = [...text].length;
  if (length < minLength || length > maxLength) throw refused(`${minLength} to ${maxLength} characters are needed`);
  const lower = text.toLowerCase();
  if (isPattern(lower)) throw refused('It is a simple pattern');
  if (isOwn(lower, owner)) throw refused('It is made of names that others know');
  const common = await commonPasswords();
  if (common.has(lower) || common.has(core(lower))) throw refused('Many people use it');
}

const refused = (detail: string) => new AppError('password_unacceptable', detail);

/** Without what people add in front and behind to get past rules: "password" of "Password2026!". */
const core = (text: string): string => text.replace(/^\P{L}+/u, '').replace(/\P{L}+$/u, '');

/** One short text over and over, or characters that follow each other: 112112112112, abcdefghijkl. */
function isPattern(text: string): boolean {
  const isRepeated = (text + text).indexOf(text, 1);
  if (isRepeated < text.length && isRepeated < minLength) return true;
  const steps = new Set(
    Array.from(text.slice(1), (_, index) => (text.charCodeAt(index + 1) - text.charCodeAt(index) + 10) % 10),
  );
  return steps.size === 1 && (steps.has(1) || steps.has(9) || steps.has(0));
}

function isOwn(text: string, owner: PasswordOwner): boolean {
  const bare = (value: string) =>
    value
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]/gu, '');
  const [mailbox = ''] = owner.email.split('@', 1);
  const names = new Set([owner.email, mailbox, owner.name, owner.tenantName, owner.tenantSlug].map(bare));
  return names.has(bare(text)) || names.has(bare(core(text)));
}

let loading: Promise<ReadonlySet<string>> | undefined;

/** Some fifty thousand, the commonest of the passwords that leaked. Read when somebody first sets one: signing in needs none. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  loading ??= import('@zxcvbn-ts/language-common').then(({ dictionary }) => new Set(dictionary['passwords-common']));
  return loading;
}
