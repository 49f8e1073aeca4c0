/** As our contract takes it: without what a shop's form left around it, and no longer than we keep. */
export function textOrNull(text: string | null | undefined, maxLength = 500): string | null {
  // A lone half of a pair and control characters are no text that a database keeps.
  const clean = (text ?? '')
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\p{Cs}/gu, '')
    .trim();
  if (clean === '') return null;
  return clean.length <= maxLength ? clean : clean.slice(0, maxLength).replace(/\p{Cs}/gu, '');
}

export const nameOr = (fallback: string, ...texts: readonly (string | null | undefined)[]): string => {
  for (const text of texts) {
    const name = textOrNull(text);
    if (name !== null) return name;
  }
  return fallback;
};

/** `true`, or what a form calls so. */
export const flagOf = (value: boolean | string | null | undefined, absent: boolean): boolean => {
  if (value === null || value === undefined || value === '') return absent;
  return value === true || (typeof value === 'string' && ['1', 'true', 'yes', 'on'].includes(value.toLowerCase()));
};
