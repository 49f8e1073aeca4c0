/** The range of a Date. */
const mostMs = 8.64e15;

/** Milliseconds since 1970 of epoch milliseconds or an RFC 3339 text, what is finer cut off; NaN of anything else. */
export function readInstant(given: unknown): number {
  if (typeof given === 'string') return parseRfc3339(given);
  return typeof given === 'number' && Math.abs(given) <= mostMs ? Math.floor(given) : Number.NaN;
}

const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `2026-03-01T09:30:00.000Z`, by hand: Date.parse takes other texts too, and is slower. */
export function parseRfc3339(text: string): number {
  if (text.length < 20 || !hasPunctuation(text)) return Number.NaN;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)];
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  // A leap second is the beginning of the next one.
  if (!(hour <= 23 && minute <= 59 && second <= 60 && day >= 1 && day <= (daysInMonth[month - 1] ?? 0)))
    return Number.NaN;
  if (month === 2 && day === 29 && !isLeap(year)) return Number.NaN;
  let at = 19;
  let ms = 0;
  if (text.charCodeAt(at) === 46) {
    const from = at + 1;
    at = from;
    while (isDigit(text.charCodeAt(at))) at += 1;
    if (at === from) return Number.NaN;
    ms = digits(text, from, Math.min(at, from + 3)) * ([100, 10, 1][Math.min(at - from, 3) - 1] ?? 1);
  }
  const offsetMs = parseOffset(text, at);
  // Date.UTC takes years below 100 for those of the last century: older than anything that is stored.
  return Date.UTC(year, month - 1, day, hour, minute, second, ms) - offsetMs;
}

function hasPunctuation(text: string): boolean {
  const separator = text.charCodeAt(10);
  return (
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(7) === 45 &&
    (separator === 84 || separator === 116 || separator === 32) &&
    text.charCodeAt(13) === 58 &&
    text.charCodeAt(16) === 58
  );
}

/** `Z` or `+02:00`, which must be the text's end. */
function parseOffset(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if ((first === 90 || first === 122) && text.length === at + 1) return 0;
  if ((first !== 43 && first !== 45) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 58) return Number.NaN;
  const [hours, minutes] = [digits(text, at + 1, at + 3), digits(text, at + 4, at + 6)];
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN;
  return (first === 43 ? 1 : -1) * (hours * 60 + minutes) * 60_000;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return Number.NaN;
    number = number * 10 + code - 48;
  }
  return number;
}
