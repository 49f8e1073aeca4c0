import fc from 'fast-check';
import t from 'tap';
import { NoPrice, priceByTheBook } from './by-the-book.fixture.js';
import { canonicalJson, sha256 } from './canonical.js';
import { compileStoredVersion } from './compile.js';
import { priceBasket } from './price-basket.js';
import { diceOf, randomBasket, randomContent, randomSettings } from './random-sets.fixture.js';
import { PricingRefusal } from './refusal.js';
import { sampleId } from './samples.js';

/** Every figure that a customer sees, in one line of text each. */
function figures(price: () => readonly string[]): readonly string[] {
  try {
    return price();
  } catch (error) {
    if (error instanceof NoPrice) return ['no price'];
    if (error instanceof PricingRefusal && error.code === 'price_unavailable') return ['no price'];
    throw error;
  }
}

t.test('random rule sets and baskets cost what the description of the rules says, to the last decimal', async (t) => {
  let priced = 0;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const dice = diceOf(seed);
      const content = randomContent(dice);
      const text = canonicalJson(content);
      const compiled = compileStoredVersion({ id: sampleId(9, 1), hash: sha256(text), content: text });
      const settings = randomSettings(dice);
      const basket = randomBasket(dice, content.currency);
      const engine = figures(() => {
        const { lines, subtotal, discount, tax, total } = priceBasket(compiled, basket, settings);
        priced += 1;
        return [
          ...lines.map(
            (line) => `${line.sizes.map((size) => size.unitPrice).join(' ')}; ${line.feeTotal} in ${line.lineTotal}`,
          ),
          `${subtotal} - ${discount} + ${tax} = ${total}`,
        ];
      });
      const book = figures(() => {
        const { lines, subtotal, discount, tax, total } = priceByTheBook(content, basket, settings);
        return [
          ...lines.map(
            (line) =>
              `${line.unitPrices.map((price) => price.toFixed(4)).join(' ')}; ${line.feeTotal.toFixed(4)} in ${line.total.toFixed(4)}`,
          ),
          `${subtotal.toFixed(4)} - ${discount.toFixed(4)} + ${tax.toFixed(4)} = ${total.toFixed(4)}`,
        ];
      });
      t.same(engine, book, `seed ${seed}`);
    }),
    { numRuns: 1_000 },
  );
  t.comment(`measured: ${priced} of 1,000 baskets have a price`);
  t.ok(priced > 600, 'most have one');
});
