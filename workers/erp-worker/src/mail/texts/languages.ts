import { english, type Texts } from './english.js';
import { german } from './german.js';

/** By the first part of a locale. A further language is a further line. */
export const languages = { en: english, de: german } as const satisfies Readonly<Record<string, Texts>>;
export type Language = keyof typeof languages;
export const fallback = 'en' satisfies Language;

const isLanguage = (text: string): text is Language => Object.hasOwn(languages, text);

/** The language of a locale's words, and the locale by which dates and amounts are written. */
export function readLocale(text: string): { readonly language: Language; readonly locale: string } {
  try {
    const { baseName, language } = new Intl.Locale(text);
    if (isLanguage(language)) return { language, locale: baseName };
  } catch {
    // No locale at all: as good as one without words.
  }
  return { language: fallback, locale: fallback };
}
