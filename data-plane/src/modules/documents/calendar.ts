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

/** When this calendar date is over in an IANA time zone, on the day when the clocks change too. */
export function endOfDayIn(timeZone: string, date: string): Date {
  const next = addDays(date, 1);
  // The farthest zones are 14 hours before UTC and 12 behind.
  const middleMs = Date.parse(`${next}T00:00:00.000Z`);
  let beforeMs = middleMs - 15 * 3_600_000;
  let afterMs = middleMs + 15 * 3_600_000;
  while (afterMs - beforeMs > 1) {
    const halfMs = Math.floor((beforeMs + afterMs) / 2);
    if (dateIn(timeZone, new Date(halfMs)) < next) beforeMs = halfMs;
    else afterMs = halfMs;
  }
  return new Date(afterMs);
}
