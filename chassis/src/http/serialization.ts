import buildSerializer from 'fast-json-stringify';
import type { FastifySerializerCompiler } from 'fastify';
import type { TSchema } from 'typebox';

type Schema = Parameters<typeof buildSerializer>[0];

type Write = (answer: unknown) => string;
const written = new WeakMap<object, Write>();

/**
 * Fastify's own way to write answers, but compiled with the first answer, and once in a process: most routes wait long for
 * theirs.
 */
export const compileSerializer: FastifySerializerCompiler<TSchema> = ({ schema }) => {
  let write: Write | undefined;
  return (answer: unknown) => {
    write ??= writerOf(schema);
    return write(answer);
  };
};

function writerOf(schema: TSchema): Write {
  const known = written.get(schema);
  if (known) return known;
  // TypeBox schemas are JSON Schema; the library's type lists its keywords in a narrower way.
  const made = buildSerializer(schema as Schema) as Write;
  written.set(schema, made);
  return made;
}
