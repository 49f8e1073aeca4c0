const formats = new Map<string, Intl.DateTimeFormat>();

/** The calendar date at this moment in an IANA time zone: `2026-03-01`. */
export function dateIn(timeZone: string, moment: Date): string {
  let format = formats.get(timeZone);
  if (!format) {
    // en-CA writes dates as ISO 8601 does.
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(timeZone, format);
  }
  return format.format(moment);
}

export function addDays(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00.000Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
