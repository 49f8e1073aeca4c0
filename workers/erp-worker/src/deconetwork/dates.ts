const form = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** A moment of the site's: UTC where it names no zone. null: it says none, or none that is one (`0000-00-00`). */
export function momentOf(text: string | null | undefined): string | null {
  const parts = form.exec(text?.trim() ?? '');
  if (parts === null) return null;
  const [, day, time = '00:00:00', fraction = '', zone = 'Z'] = parts;
  const zoned = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const ms = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}${fraction.slice(0, 4)}${zoned}`);
  return Number.isNaN(ms) || ms < 0 ? null : new Date(ms).toISOString();
}

/** As searches take it: UTC, to the second, without a zone. */
export const searchMoment = (moment: string): string => moment.slice(0, 19);
