import { appendFileSync } from 'node:fs';
import { canonicalJson, sha256 } from './canonical.js';
import { compileStoredVersion } from './compile.js';
import { priceBasket } from './price-basket.js';
import { diceOf, randomBasket, randomContent, randomSettings } from './random-sets.fixture.js';
import { PricingRefusal } from './refusal.js';
import { sampleId } from './samples.js';

/**
 * Prices random baskets and keeps versions and receipts in a file, as a database would; then waits to be killed.
 * A line is a version `[id, hash, content]` or a receipt of the version before it `[text, hash]`.
 */
const [file = '', baskets = '0', basketsPerSet = '1'] = process.argv.slice(2);
for (let seed = 1; seed <= Number(baskets) / Number(basketsPerSet); seed += 1) {
  const dice = diceOf(seed);
  const content = canonicalJson(randomContent(dice));
  const version = { id: sampleId(9, seed), hash: sha256(content), content };
  const compiled = compileStoredVersion(version);
  const settings = randomSettings(dice);
  const lines = [JSON.stringify([version.id, version.hash, version.content])];
  for (let n = 0; n < Number(basketsPerSet); n += 1) {
    try {
      const priced = priceBasket(compiled, randomBasket(dice, compiled.currency, 2), settings);
      lines.push(...priced.lines.map(({ receipt, receiptHash }) => JSON.stringify([receipt, receiptHash])));
    } catch (error) {
      if (!(error instanceof PricingRefusal)) throw error;
    }
  }
  appendFileSync(file, `${lines.join('\n')}\n`);
}
process.stdout.write('priced\n');
setInterval(() => undefined, 60_000);
