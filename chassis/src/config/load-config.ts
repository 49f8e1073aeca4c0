import { type Static, type TObject, type TSchema, type TSchemaOptions, Type } from 'typebox';
import { createChecker } from '../validation/checker.js';

/**
 * Environment variables as TypeBox fields. A schema is a `Type.Object` whose property names are the variables' names;
 * besides the builders below, plain `Type.String`, `Type.Integer`, `Type.Boolean` and `Type.Enum` fields work.
 * `docs/configuration.md` is made from these schemas: a field's `description` is what it says there.
 */
type EnvSyntax = 'duration' | 'list' | 'json';
interface EnvField {
  readonly type?: string;
  readonly default?: unknown;
  readonly envSyntax?: EnvSyntax;
  readonly developmentDefault?: string;
}

/** Milliseconds, written `250ms`, `15s`, `10m`, `24h` or `7d`. */
export const duration = (defaultValue?: string, options: TSchemaOptions = {}) =>
  Type.Integer({ minimum: 0, ...options, envSyntax: 'duration', ...withDefault(defaultValue, parseDuration) });

/** Items separated by commas; an empty text is an empty list. */
export const list = (defaultValue?: readonly string[], options: TSchemaOptions = {}) =>
  Type.Array(Type.String({ minLength: 1 }), {
    ...options,
    envSyntax: 'list',
    ...withDefault(defaultValue, (items) => items),
  });

/** Integers separated by commas. */
export const integerList = (defaultValue?: readonly number[], options: TSchemaOptions = {}) =>
  Type.Array(Type.Integer(), { ...options, envSyntax: 'list', ...withDefault(defaultValue, (items) => items) });

/** JSON text checked against a schema of its own. */
export const json = <S extends TSchema>(schema: S): S => ({ ...schema, envSyntax: 'json' });

/** Text that never appears in an error. With a development default, production refuses to start on that value. */
export const secret = (options: { minLength?: number; developmentDefault?: string; description?: string } = {}) =>
  Type.String({ minLength: 1, ...options, isSecret: true });

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** One line per variable. */
  readonly problems: readonly string[];
  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`, options);
    this.problems = problems;
  }
}

/**
 * Reads and checks all variables of `schema` and reports every problem at once.
 * @throws ConfigError
 */
export function loadConfig<S extends TObject>(schema: S, env: Readonly<Record<string, string | undefined>>): Static<S> {
  const production = env['NODE_ENV'] === 'production';
  const required = new Set<string>(schema.required ?? []);
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.properties) as [string, TSchema & EnvField][]) {
    const result = readField(name, field, env[name], { production, required: required.has(name) });
    if ('problem' in result) problems.push(result.problem);
    else if (result.value !== undefined) config[name] = result.value;
  }
  if (problems.length > 0) throw new ConfigError(problems);
  // Every property was checked against its own schema above.
  return config as Static<S>;
}

type Read = { value: unknown } | { problem: string };

function readField(
  name: string,
  field: TSchema & EnvField,
  raw: string | undefined,
  mode: { production: boolean; required: boolean },
): Read {
  // An empty variable is an unset one: compose files and CI cannot express the difference.
  let text = raw === '' ? undefined : raw;
  const developmentDefault = field.developmentDefault;
  if (developmentDefault !== undefined) {
    if (mode.production && (text === undefined || text === developmentDefault)) {
      return { problem: `${name}: set a value of its own; production does not start on the development default` };
    }
    text ??= developmentDefault;
  }
  if (text === undefined) {
    if (field.default !== undefined) return { value: field.default };
    return mode.required ? { problem: `${name}: required` } : { value: undefined };
  }
  let value: unknown;
  try {
    value = parse(field, text);
  } catch (error) {
    return { problem: `${name}: ${error instanceof Error ? error.message : 'unreadable'}` };
  }
  const problem = createChecker(field).describe(value);
  return problem === '' ? { value } : { problem: `${name}${problem}` };
}

function parse(field: TSchema & EnvField, text: string): unknown {
  switch (field.envSyntax) {
    case 'duration':
      return parseDuration(text);
    case 'list':
      return parseList(field, text);
    case 'json':
      return parseJson(text);
    default:
      return parseScalar(field.type, text);
  }
}

function parseScalar(type: string | undefined, text: string): unknown {
  if (type === 'integer' || type === 'number') {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw new Error('not a number');
    return value;
  }
  if (type === 'boolean') {
    if (text === 'true' || text === '1') return true;
    if (text === 'false' || text === '0') return false;
    throw new Error('neither true nor false');
  }
  return text;
}

function parseList(field: TSchema, text: string): unknown[] {
  const itemType = 'items' in field ? (field.items as EnvField).type : undefined;
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => parseScalar(itemType, item));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may hold a password.
    throw new Error('not valid JSON');
  }
}

const durationUnitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function parseDuration(text: string): number {
  const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text);
  if (!match) throw new Error('not a duration such as 250ms, 15s, 10m, 24h or 7d');
  return Number(match[1]) * durationUnitsMs[match[2] as keyof typeof durationUnitsMs];
}

const withDefault = <T>(value: T | undefined, convert: (value: T) => unknown) =>
  value === undefined ? {} : { default: convert(value) };
