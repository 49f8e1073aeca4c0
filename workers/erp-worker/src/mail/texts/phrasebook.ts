import type { english, TextKey } from './english.js';
import { type Language, languages, readLocale } from './languages.js';

type Placeholder<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;
type ValuesOf<K extends TextKey> = [Placeholder<(typeof english)[K]>] extends [never]
  ? []
  : [values: Readonly<Record<Placeholder<(typeof english)[K]>, string>>];

export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** Words, dates and amounts in one language. */
export interface Phrasebook {
  readonly language: Language;
  say<K extends TextKey>(key: K, ...values: ValuesOf<K>): string;
  money(money: Money): string;
  /** `12.0000` pieces are 12. */
  quantity(quantity: string): string;
  /** Of a calendar day, `2026-03-08`. */
  date(day: string): string;
  /** In UTC and saying so: nobody here knows where the reader is. */
  moment(instant: string): string;
}

export function phrasebookOf(organizationLocale: string): Phrasebook {
  const { language, locale } = readLocale(organizationLocale);
  const texts = languages[language];
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'long', timeZone: 'UTC' });
  const quantity = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 });
  return {
    language,
    say: (key, ...[values]) => fill(texts[key], values ?? {}),
    // A decimal text is formatted exactly, without becoming a float; the lib's type wants it spelled as a literal.
    money: ({ amount, currency }) =>
      new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount as `${number}`),
    quantity: (text) => quantity.format(text as `${number}`),
    date: (day) => date.format(new Date(`${day}T00:00:00Z`)),
    moment: (instant) => moment.format(new Date(instant)),
  };
}

/** In one pass, so that braces in a name are a name's. */
const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{([^}]+)\}/g, (_braces, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for {${name}}`);
    return value;
  });
