import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { AppError, type FieldError } from './app-error.js';

/** Fields named in one answer at most. */
const maxFields = 32;

const options = {
  allErrors: true,
  removeAdditional: false,
  useDefaults: true,
  allowUnionTypes: true,
  strict: true,
  strictTypes: false,
} as const;

/** Bodies are taken as they are; text is turned into numbers and booleans only where there is nothing but text. */
export function createSchemaCompiler(): FastifySchemaCompiler<TSchema> {
  const bodies = new Ajv({ ...options, coerceTypes: false });
  const texts = new Ajv({ ...options, coerceTypes: true });
  for (const ajv of [bodies, texts]) formats.default(ajv, ['date', 'date-time', 'uuid', 'email']);
  return ({ schema, httpPart }) => {
    const part = httpPart === 'querystring' ? 'query' : (httpPart ?? 'body');
    const validate: ValidateFunction = (part === 'body' ? bodies : texts).compile(schema);
    return (value: unknown) => {
      if (validate(value)) return { value };
      return {
        error: new AppError('validation_failed', undefined, { fields: describeFields(part, validate.errors ?? []) }),
      };
    };
  };
}

function describeFields(part: string, found: readonly ErrorObject[]): FieldError[] {
  // `if` and `anyOf` repeat what their branches say.
  return found.slice(0, maxFields).map((error) => ({
    path: `/${part}${error.instancePath}${memberOf(error)}`,
    message: messageOf(error),
  }));
}

/** Errors about a member point at the object; the field is the member. */
function memberOf(error: ErrorObject): string {
  const name: unknown = error.params['additionalProperty'] ?? error.params['missingProperty'];
  return typeof name === 'string' ? `/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}` : '';
}

function messageOf(error: ErrorObject): string {
  if (error.keyword === 'additionalProperties') return 'unknown field';
  if (error.keyword === 'required') return 'required';
  if (error.keyword === 'enum') return `must be one of ${JSON.stringify(error.params['allowedValues'])}`;
  return error.message ?? 'not allowed';
}
