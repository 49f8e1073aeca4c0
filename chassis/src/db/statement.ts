import type { Statement } from './types.js';

const texts = new Map<string, string>();

/** Declares a statement, once, when its module loads. A name stands for one text in the whole process; another one throws. */
export function statement<Row>(
  name: string,
  text: string,
  options: Pick<Statement<Row>, 'parse' | 'inIndexOrder'> = {},
): Statement<Row> {
  const known = texts.get(name);
  if (known !== undefined && known !== text)
    throw new Error(`the statement name "${name}" already stands for another text`);
  texts.set(name, text);
  return { name, text, ...options };
}
