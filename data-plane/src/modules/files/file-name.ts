import { type AppError, invalidField } from '@platen/chassis/http/app-error';

const maxLength = 200;
// Half of a surrogate pair: no text that UTF-8 has.
const hasHalfPair = /\p{Cs}/u;
// Control characters, and those that turn the direction of what follows: `gpj.exe` would read `exe.jpg`.
const misleading = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** What people see, and what a download is saved as. It is nobody's path: objects have keys of their own. */
export function readFileName(given: string | null): string {
  const name = (given ?? '').replaceAll('\\', '/').split('/').at(-1)?.normalize('NFC').trim() ?? '';
  if (name === '' || name === '.' || name === '..') throw refuse('A file has a name');
  if (name.length > maxLength) throw refuse(`A name has at most ${maxLength} characters`);
  if (misleading.test(name) || hasHalfPair.test(name)) throw refuse('A name has printable characters only');
  return name;
}

const refuse = (message: string): AppError => invalidField('/body/file', message);
