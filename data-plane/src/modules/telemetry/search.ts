/** Is the parameter part of the code or of the name? There are few enough of them to look at each. */
export const saysCodeOrName = (parameter: string): string =>
  `(strpos(t.code, lower(${parameter}::text)) > 0 or strpos(lower(t.name), lower(${parameter}::text)) > 0)`;
