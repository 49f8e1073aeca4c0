/**
 * Digits of a currency's minor unit by ISO 4217 (list one). Not from Intl: its data (CLDR) follows common use and says
 * 0 for several currencies that have two digits in the standard.
 */
const exceptions: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const digitsByCurrency = new Map(
  Object.entries(exceptions).flatMap(([digits, codes]) =>
    codes.split(' ').map((code): [string, number] => [code, Number(digits)]),
  ),
);

export const minorUnitDigits = (currency: string): number => digitsByCurrency.get(currency) ?? 2;
