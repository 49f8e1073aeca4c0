/** What may be a link, in a text or in markup. A site is a stranger: nothing here takes longer than the text is long. */
const token = /[^\s"'<>]+/g;
/** Wherever it stands alone, or inside a link that was encoded into another. */
const loginKey = /((?:\b|%3f|%26)(?:key|token|user(?:\[|%5b)id(?:\]|%5d))(?:=|%3d))[\w%-]+/gi;

/** A text of the site whose links log nobody in: without user names, queries and fragments. */
export const withoutLogins = (text: string): string =>
  /[/=%]/.test(text) ? text.replace(token, cutLink).replace(loginKey, '$1…') : text;

function cutLink(word: string): string {
  const end = word.search(/[?#]/);
  const path = end === -1 ? word : word.slice(0, end);
  const host = path.indexOf('//');
  if (host !== -1) return withoutUser(path, host + 2);
  // A path of the site itself, whose query has members.
  return path.includes('/') && /=|%3d/i.test(word.slice(path.length)) ? path : word;
}

function withoutUser(link: string, host: number): string {
  const slash = link.indexOf('/', host);
  const authority = link.slice(host, slash === -1 ? undefined : slash);
  return link.slice(0, host) + link.slice(host + authority.lastIndexOf('@') + 1);
}

const longest = 300;

/** The site's own words for people: bounded, and without what we sent. */
export function wordsOf(text: string, sent: readonly string[]): string {
  let words = text;
  // Before links are cut: a password that looks like one would be cut in its middle, and what is left stay.
  for (const secret of sent) if (secret.length > 3) words = words.replaceAll(secret, '…');
  return withoutLogins(words).replace(/\s+/g, ' ').trim().slice(0, longest);
}
