import { statusCodes, type VendorStatus } from './shapes.js';

/** What the site answers instead of doing it: HTTP 200 with an error in the envelope. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: VendorStatus;

  constructor(code: number, description: string) {
    super(description);
    this.status = { code, severity: 'ERROR', description };
  }
}

export const invalidParameters = (): Refusal =>
  new Refusal(statusCodes.invalidParameters, 'Invalid request parameters');
export const done: VendorStatus = { code: statusCodes.ok, severity: 'SUCCESS', description: '.' };
export const idNotFound: VendorStatus = {
  code: statusCodes.productIdNotFound,
  severity: 'WARNING',
  description: 'Product ID Not Found',
};
