import type { TSchema } from 'typebox';

/** The keywords that contracts use. */
interface Schema {
  readonly type?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** A value that the schema takes, made of the examples of its parts. A test holds every contract's body against it. */
// TypeBox's schemas are JSON Schema; its type does not list the keywords.
export const exampleOf = (schema: TSchema): unknown => example(schema as Schema);

const formats: Readonly<Record<string, string>> = {
  date: '2026-03-01',
  'date-time': '2026-03-01T09:30:00.000Z',
  uuid: '01930000-0000-7000-8000-000000000001',
  email: 'ada@example.com',
};

function example(schema: Schema): unknown {
  const [given] = schema.examples ?? [];
  if (given !== undefined) return given;
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) return example(schema.anyOf.find(({ type }) => type !== 'null') ?? {});
  if (schema.type === 'object') return exampleObject(schema);
  if (schema.type === 'array') return schema.items === undefined ? [] : [example(schema.items)];
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  if (schema.type === 'boolean') return true;
  if (schema.type === 'string') return formats[schema.format ?? ''] ?? 'text'.padEnd(schema.minLength ?? 0, '.');
  return null;
}

/** What must be there; of an object whose members are all optional, all. */
function exampleObject({ properties = {}, required = [], maxProperties }: Schema): object {
  const shown = Object.entries(properties).filter(([name]) => required.length === 0 || required.includes(name));
  return Object.fromEntries(shown.slice(0, maxProperties).map(([name, member]) => [name, example(member)]));
}
