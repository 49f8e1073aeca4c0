/** A field that may be absent or null, in one spelling if it is there. */
export const normalized = <T extends null | undefined>(
  text: string | T,
  normalize: (text: string, path: string) => string,
  path: string,
): string | T => (typeof text === 'string' ? normalize(text, path) : text);
