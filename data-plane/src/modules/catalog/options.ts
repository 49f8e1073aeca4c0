import type { FieldError } from '@platen/chassis/http/app-error';

/** What the variants of a product differ in. */
export interface Option {
  readonly name: string;
  readonly values: readonly string[];
}

/** SQL: do these values of a variant say each of the product's options, and nothing else? Without options, anything. */
export const sayOptions = (values: string, options: string): string =>
  `(jsonb_array_length(${options}) = 0
    or (select count(*) from jsonb_object_keys(${values})) = jsonb_array_length(${options})
      and not exists (select from jsonb_array_elements(${options}) declared
        where not coalesce(declared -> 'values' ? (${values} ->> (declared ->> 'name')), false)))`;

/** Why they do not, field by field. */
export function optionFaults(values: Readonly<Record<string, string>>, options: readonly Option[]): FieldError[] {
  const path = (name: string) => `/body/option_values/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const declared = new Map(options.map((option) => [option.name, option.values]));
  const unknown = Object.keys(values).filter((name) => !declared.has(name));
  return [
    ...unknown.map((name) => ({ path: path(name), message: 'is no option of this product' })),
    ...options.flatMap(({ name, values: allowed }): FieldError[] => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) return [{ path: path(name), message: 'is missing' }];
      return allowed.includes(value) ? [] : [{ path: path(name), message: 'is none of the values of this option' }];
    }),
  ];
}
