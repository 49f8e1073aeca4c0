/** Why no price can be given. `line` is the index in the basket, null: the basket as a whole. */
export class PricingRefusal extends Error {
  override readonly name = 'PricingRefusal';
  readonly code: 'price_unavailable' | 'currency_mismatch' | 'amount_out_of_range';
  readonly line: number | null;

  constructor(code: PricingRefusal['code'], line: number | null, message: string) {
    super(message);
    this.code = code;
    this.line = line;
  }
}
