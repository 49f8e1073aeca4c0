import type { JsonColumns } from '@platen/chassis/db/json-select';

/** Columns of a money field for jsonSelect: `moneyOf('q')('subtotal')`. */
export const moneyOf =
  (document: string) =>
  (column: string, row = document): JsonColumns => ({
    amount: `${row}.${column}`,
    currency: `${document}.currency`,
  });

/** JSON of a money value; both parts are of checked patterns. */
export const moneyJson = (amount: string, currency: string): string =>
  `{"amount":"${amount}","currency":"${currency}"}`;
