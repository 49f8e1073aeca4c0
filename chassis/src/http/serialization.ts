import buildSerializer from 'fast-json-stringify';
import type { FastifySerializerCompiler } from 'fastify';
import type { TSchema } from 'typebox';

type Schema = Parameters<typeof buildSerializer>[0];

/** Fastify's own way to write answers, but compiled with the first answer: most routes wait long for theirs. */
export const compileSerializer: FastifySerializerCompiler<TSchema> = ({ schema }) => {
  let write: ((answer: unknown) => string) | undefined;
  return (answer: unknown) => {
    // TypeBox schemas are JSON Schema; the library's type lists its keywords in a narrower way.
    write ??= buildSerializer(schema as Schema) as (answer: unknown) => string;
    return write(answer);
  };
};
