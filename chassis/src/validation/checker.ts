import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { Static, TSchema } from 'typebox';

export interface Checker<S extends TSchema> {
  check(value: unknown): value is Static<S>;
  /** The first thing that is wrong, without the value: `/url: must be string`. Empty when nothing is. */
  describe(value: unknown): string;
}

/** Ajv's tidying of what it writes is half of what compiling takes; V8 makes the same of it either way. */
export const unoptimized = { optimize: false } as const;

let checking: Ajv | undefined;
let cleaning: Ajv | undefined;

/**
 * Data that comes from elsewhere than a request, held against a TypeBox schema. By Ajv, which Fastify has loaded anyway:
 * TypeBox's own checkers are 330 files more, a quarter of a service's start. Compiled at first use.
 */
export function createChecker<S extends TSchema>(schema: S): Checker<S> {
  let compiled: ValidateFunction | undefined;
  const validate = (value: unknown): ValidateFunction | undefined => {
    checking ??= createAjv(false);
    compiled ??= checking.compile(schema);
    return compiled(value) ? undefined : compiled;
  };
  return {
    check: (value): value is Static<S> => validate(value) === undefined,
    describe(value) {
      const first = validate(value)?.errors?.[0];
      return first === undefined ? '' : `${first.instancePath}: ${first.message ?? 'does not fit'}`;
    },
  };
}

/** As the checker, for what a newer sender wrote: members that a closed object does not know are dropped from a copy. */
export function createCleaner(schema: TSchema): (value: unknown) => unknown {
  let compiled: ValidateFunction | undefined;
  return (value) => {
    cleaning ??= createAjv(true);
    compiled ??= cleaning.compile(schema);
    const copy: unknown = structuredClone(value);
    compiled(copy);
    return copy;
  };
}

/**
 * One for all schemas: each instance costs what it takes to compile the JSON Schema of JSON Schema, which ours are not held
 * against either. Not strict, because fields of configurations carry words of their own; nothing is coerced or filled in.
 */
function createAjv(removeAdditional: boolean): Ajv {
  const unchecked = { strict: false, meta: false, validateSchema: false, addUsedSchema: false } as const;
  const made = new Ajv({ ...unchecked, code: unoptimized, removeAdditional });
  formats.default(made, ['date', 'date-time', 'uuid', 'email']);
  return made;
}
