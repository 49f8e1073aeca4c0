import { AppError, type FieldError } from '@platen/chassis/http/app-error';
import type { SettingsPatch } from '@platen/schema/contracts/control/organizations';
import type { Static } from 'typebox';

type Patch = Static<typeof SettingsPatch>;

/** With what the schema cannot tell checked, and spelled in the one way in which it is stored. */
export function checkSettings(patch: Patch, path: string): Patch {
  const fields: FieldError[] = [];
  const read = <R>(field: keyof Patch, message: string, find: () => R | undefined): R | undefined => {
    if (patch[field] === undefined) return undefined;
    const found = find();
    if (found === undefined) fields.push({ path: `${path}/${field}`, message });
    return found;
  };
  const time_zone = read('time_zone', 'is no IANA time zone', () => timeZoneOf(patch.time_zone ?? ''));
  const locale = read('locale', 'is no BCP 47 locale that is known here', () => localeOf(patch.locale ?? ''));
  const currency = read('currency', 'is no ISO 4217 currency', () => currencyOf(patch.currency ?? ''));
  if (fields.length > 0) throw new AppError('validation_failed', undefined, { fields });
  return {
    ...patch,
    ...(time_zone !== undefined && { time_zone }),
    ...(locale !== undefined && { locale }),
    ...(currency !== undefined && { currency }),
  };
}

const currencies = new Set(Intl.supportedValuesOf('currency'));
const currencyOf = (code: string): string | undefined => (currencies.has(code) ? code : undefined);

/** Offsets such as `+02:00` are taken by Intl too, but know no summer. */
function timeZoneOf(name: string): string | undefined {
  if (!/^[A-Za-z]/.test(name)) return undefined;
  const known = orUndefined(() => new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone);
  if (known === undefined) return undefined;
  // An alias stays as it was written: which of two names is the current one differs between releases of the data.
  return known.toLowerCase() === name.toLowerCase() ? known : name;
}

function localeOf(tag: string): string | undefined {
  return orUndefined(() => {
    const [canonical] = Intl.getCanonicalLocales(tag);
    return canonical === undefined ? undefined : Intl.DateTimeFormat.supportedLocalesOf([canonical])[0];
  });
}

/** Intl tells what it does not know by a RangeError. */
function orUndefined<R>(find: () => R): R | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
