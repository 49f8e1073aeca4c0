import { AppError } from '@platen/chassis/http/app-error';

/** Prices are in the organization's currency, and all amounts of a product in one. */
export const wrongCurrency = (path: string, expected: string): AppError =>
  new AppError('currency_mismatch', `This amount is to be in ${expected}`, {
    fields: [{ path, message: `must be in ${expected}` }],
  });
