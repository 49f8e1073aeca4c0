/** Why no price can be given. */
export class PricingRefusal extends Error {
  override readonly name = 'PricingRefusal';
  readonly code: 'price_unavailable' | 'currency_mismatch' | 'amount_out_of_range' | 'validation_failed';
  /** Index in the basket; null: the basket as a whole. */
  readonly line: number | null;
  /** The field of the line, as a JSON pointer below it: `/decorations/0/colours`. Empty: the line. */
  readonly field: string;

  constructor(code: PricingRefusal['code'], line: number | null, message: string, field = '') {
    super(message);
    this.code = code;
    this.line = line;
    this.field = field;
  }
}
