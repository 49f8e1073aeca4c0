const schemed = /((?:\b[a-z][a-z0-9+.-]*:)?\/\/)(?:[^/?#\s@"'<>]*@)?([^?#\s"'<>]*)(?:[?#][^\s"'<>]*)?/gi;
/** A path of the site itself, whose query has members. */
const rooted = /(\/[^?#\s"'<>]*)[?#][^\s"'<>]*(?:=|%3d)[^\s"'<>]*/gi;
/** Wherever it stands alone, or inside a link that was encoded into another. */
const loginKey = /(\b(?:key|token|user(?:\[|%5b)id(?:\]|%5d))(?:=|%3d))[\w%-]+/gi;

/** A text of the site whose links log nobody in: without user names, queries and fragments. */
export const withoutLogins = (text: string): string =>
  text.includes('/') || text.includes('=') || text.includes('%')
    ? text.replace(schemed, '$1$2').replace(rooted, '$1').replace(loginKey, '$1…')
    : text;

const longest = 300;

/** The site's own words for people: bounded, and without what we sent. */
export function wordsOf(text: string, sent: readonly string[]): string {
  let words = withoutLogins(text);
  for (const secret of sent) if (secret.length > 3) words = words.replaceAll(secret, '…');
  return words.replace(/\s+/g, ' ').trim().slice(0, longest);
}
