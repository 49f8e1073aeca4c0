import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';
import { IsOptional, type TSchema } from 'typebox';
import { unstorable } from '../db/storable-text.js';
import { unoptimized } from '../validation/checker.js';
import { AppError, type FieldError } from './app-error.js';

/** Fields named in one answer at most. */
const maxFields = 32;

const options = {
  removeAdditional: false,
  useDefaults: true,
  allowUnionTypes: true,
  strict: true,
  strictTypes: false,
  // Checking our own schemas against the meta schema first means compiling that, for each instance: 0.1 s of the first
  // request that each validates. Strict mode refuses what it does not know all the same.
  meta: false,
  validateSchema: false,
  code: unoptimized,
} as const;

/** Every error of a body of half a million members would cost a third of a second and 200 MB: larger ones get the first. */
const maxMembersForAll = 2_000;

type Compilers = Record<'body' | 'text', Ajv>;
let first: Compilers | undefined;
let all: Compilers | undefined;

/**
 * Bodies are taken as they are; text is turned into numbers and booleans only where there is nothing but text. What one server
 * of the process has compiled, another one has.
 */
export const compileSchema: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const part = httpPart === 'querystring' ? 'query' : (httpPart ?? 'body');
  const kind = part === 'body' ? 'body' : 'text';
  const mayBeAbsent = kind === 'body' && IsOptional(schema);
  // Compiled with the first request: all of them together are a good part of a service's start.
  let validate: ValidateFunction | undefined;
  // Compiled when something is refused for the first time: most endpoints of most processes never need it.
  let validateAll: ValidateFunction | undefined;
  return (value: unknown) => {
    first ??= compilers(false);
    validate ??= first[kind].compile(schema);
    // Fastify shows a body that was not sent as null.
    if ((mayBeAbsent && value === null) || validate(value)) return { value };
    let found = validate.errors ?? [];
    if (hasFewMembers(value)) {
      all ??= compilers(true);
      validateAll ??= all[kind].compile(schema);
      validateAll(value);
      found = validateAll.errors ?? found;
    }
    return { error: new AppError('validation_failed', undefined, { fields: describeFields(part, found) }) };
  };
};

function compilers(allErrors: boolean): Compilers {
  // `verbose`: each error brings the schema that was not met, and its example.
  const given = { ...options, allErrors, verbose: allErrors };
  const made = { body: new Ajv({ ...given, coerceTypes: false }), text: new Ajv({ ...given, coerceTypes: true }) };
  for (const ajv of [made.body, made.text]) formats.default(ajv, ['date', 'date-time', 'uuid', 'email']);
  return made;
}

/** Stops counting at the bound, so that it costs no more than what it spares. */
function hasFewMembers(value: unknown): boolean {
  const open: object[] = [[value]];
  let count = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    // The names of a long list are slow to enumerate; its length is at hand.
    const members: readonly unknown[] = Array.isArray(next) ? next : Object.values(next);
    count += members.length;
    if (count > maxMembersForAll) return false;
    for (const member of members) if (typeof member === 'object' && member !== null) open.push(member);
  }
  return true;
}

/** For what has no schema that could name them. */
export const unknownFields = (at: string, names: readonly string[]): FieldError[] =>
  names.slice(0, maxFields).map((name) => ({ path: `${at}${pointer(name)}`, message: 'unknown field' }));

const pointer = (name: string): string =>
  name === '' ? '' : `/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`;

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
  return typeof name === 'string' ? pointer(name) : '';
}

function messageOf(error: ErrorObject): string {
  if (error.keyword === 'additionalProperties') return 'unknown field';
  if (error.keyword === 'required') return 'required';
  if (error.keyword === 'enum') return `must be one of ${JSON.stringify(error.params['allowedValues'])}`;
  if (error.keyword === 'pattern') return patternMessage(String(error.params['pattern']), error.parentSchema);
  return error.message ?? 'not allowed';
}

/** For people before programs: the example says more than the pattern. */
function patternMessage(pattern: string, schema: ErrorObject['parentSchema']): string {
  if (pattern === '\\S') return 'must not be blank';
  const [example]: unknown[] = schema?.['examples'] ?? [];
  return example === undefined
    ? `must match the pattern ${pattern}`
    : `must be like ${JSON.stringify(example)} (pattern ${pattern})`;
}

/** Names the texts of a request that hold what cannot be stored: the database refuses the statement, and tells no field. */
export function unstorableFields(request: Readonly<Record<'params' | 'query' | 'body', unknown>>): FieldError[] {
  const found: FieldError[] = [];
  const look = (path: string, value: unknown): void => {
    if (typeof value === 'string' && unstorable.test(value)) {
      found.push({ path, message: 'holds a character that cannot be stored' });
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) look(`${path}${pointer(name)}`, member);
    }
  };
  for (const part of ['params', 'query', 'body'] as const) {
    const value = request[part];
    // Not a body that is a stream or bytes, nor one too large for all of its errors.
    if (isJson(value) && hasFewMembers(value)) look(`/${part}`, value);
  }
  return found.slice(0, maxFields);
}

const isJson = (value: unknown): boolean =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value)));
