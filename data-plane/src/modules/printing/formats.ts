/** Numbers and dates as a locale writes them. Amounts go in as decimal text, so that none passes through a double. */
export interface Formats {
  /** With the currency; unit prices keep the decimals that they have beyond the minor unit. */
  money(amount: string): string;
  unitPrice(amount: string): string;
  percent(percent: string): string;
  count(pieces: number): string;
  /** Of a calendar date. */
  date(date: string): string;
}

export function formatsOf(locale: string, currency: string): Formats {
  const known = supported(locale);
  const money = new Intl.NumberFormat(known, { style: 'currency', currency });
  const digits = money.resolvedOptions().maximumFractionDigits ?? 2;
  const exact = new Intl.NumberFormat(known, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: Math.max(digits, 4),
  });
  const count = new Intl.NumberFormat(known);
  const percent = new Intl.NumberFormat(known, { maximumFractionDigits: 4 });
  // A calendar date has no time zone: noon in UTC is that day wherever it is formatted in UTC.
  const date = new Intl.DateTimeFormat(known, { dateStyle: 'long', timeZone: 'UTC' });
  return {
    money: (amount) => spaced(money.format(decimal(amount))),
    unitPrice: (amount) => spaced(exact.format(decimal(amount))),
    percent: (value) => `${percent.format(decimal(value))} %`,
    count: (pieces) => count.format(pieces),
    date: (day) => date.format(new Date(`${day}T12:00:00Z`)),
  };
}

/** Intl formats decimal text exactly (ECMA-402, "Intl mathematical value"); TypeScript asks for its literal type. */
const decimal = (text: string): `${number}` => text as `${number}`;

/** The font has no narrow no-break space, which some locales put between groups. */
const spaced = (text: string): string => text.replaceAll('\u202f', '\u00a0');

function supported(locale: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale)[0] ?? 'en';
  } catch {
    return 'en';
  }
}
