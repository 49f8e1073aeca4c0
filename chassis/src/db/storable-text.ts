/** What JSON can spell and PostgreSQL does not keep: a NUL, and half of a surrogate pair. */
export const unstorable = /\0|\p{Surrogate}/u;
const everyUnstorable = new RegExp(unstorable, 'gu');

/** With U+FFFD, the replacement character, for what cannot be stored. */
export const toStorable = (text: string): string => text.replaceAll(everyUnstorable, '\ufffd');
