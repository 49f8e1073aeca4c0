import { Receipt } from '@platen/schema/contracts/data/pricing';
import t from 'tap';
import { Value } from 'typebox/value';
import { canonicalJson, sha256 } from './canonical.js';
import { compileStoredVersion } from './compile.js';
import { priceBasket } from './price-basket.js';
import { type Dice, diceOf, randomBasket, randomContent, randomSettings } from './random-sets.fixture.js';
import { PricingRefusal } from './refusal.js';
import { sampleId } from './samples.js';
import { verifyReceipt } from './verify.js';

const baskets = 10_000;
const basketsPerSet = 40;

/** Another byte at one place of the text; all of ASCII's printable ones have their turn. */
function changeByte(text: string, dice: Dice): string {
  const bytes = Buffer.from(text);
  const at = dice.between(0, bytes.length - 1);
  bytes[at] = 33 + (((bytes[at] ?? 0) - 33 + dice.between(1, 93)) % 94);
  const changed = bytes.toString();
  return changed === text ? `${text} ` : changed;
}

t.test(`the receipts of ${baskets} random baskets verify after a restart; one changed byte is refused`, async (t) => {
  let verified = 0;
  const wrong: string[] = [];
  const started = process.cpuUsage();
  for (let seed = 1; seed <= baskets / basketsPerSet; seed += 1) {
    const dice = diceOf(seed);
    const content = canonicalJson(randomContent(dice));
    const stored = { id: sampleId(9, seed), hash: sha256(content), content };
    const pricing = compileStoredVersion(stored);
    // As another process reads it: from the stored text alone.
    const verifying = compileStoredVersion({ ...stored });
    const settings = randomSettings(dice);
    for (let n = 0; n < basketsPerSet; n += 1) {
      const basket = randomBasket(dice, pricing.currency, 2);
      try {
        for (const { receipt, receiptHash } of priceBasket(pricing, basket, settings).lines) {
          verified += 1;
          const verdict = verifyReceipt(verifying, receipt, receiptHash);
          if (!verdict.ok) wrong.push(`seed ${seed}, basket ${n}: ${verdict.reason}: ${receipt}`);
          const changed = changeByte(receipt, dice);
          if (verifyReceipt(verifying, changed, receiptHash).ok) wrong.push(`seed ${seed}: accepted ${changed}`);
          if (n > 0) continue;
          const value: unknown = JSON.parse(receipt);
          if (canonicalJson(value) !== receipt) wrong.push(`seed ${seed}: not RFC 8785: ${receipt}`);
          if (!Value.Check(Receipt, value))
            wrong.push(`seed ${seed}: ${JSON.stringify(Value.Errors(Receipt, value)[0])}`);
        }
      } catch (error) {
        if (!(error instanceof PricingRefusal)) throw error;
      }
    }
    t.throws(() => compileStoredVersion({ ...stored, content: changeByte(content, dice) }), TypeError);
  }
  const { user, system } = process.cpuUsage(started);
  t.comment(`measured: ${verified} receipts, ${((user + system) / 1e6).toFixed(1)} s of CPU`);
  t.same(wrong, []);
  t.ok(verified > baskets, 'most baskets have a price');
});

t.test('an outcome changed with its hash is refused: pricing again gives another one', async (t) => {
  const outcomes = [
    [/"line_total":"\d/, '"line_total":"7'],
    [/"fee_total":"\d/, '"fee_total":"7'],
    [/"amount":"\d/, '"amount":"7'],
    [/"discount":"\d/, '"discount":"7'],
    [/"unit_price":"\d/, '"unit_price":"7'],
    [/"effect":"[^"]/, '"effect":"~'],
    [/"reason":"[^"]/, '"reason":"~'],
    [/"after":"\d/, '"after":"7'],
    [/"more":\d/, '"more":7'],
  ] as const;
  let tried = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    const dice = diceOf(seed);
    const content = canonicalJson(randomContent(dice));
    const set = compileStoredVersion({ id: sampleId(9, seed), hash: sha256(content), content });
    try {
      for (const { receipt } of priceBasket(set, randomBasket(dice, set.currency), randomSettings(dice)).lines) {
        for (const [pattern, other] of outcomes) {
          const forged = receipt.replace(pattern, other);
          if (forged === receipt) continue;
          tried += 1;
          t.equal(verifyReceipt(set, forged, sha256(forged)).ok, false, `seed ${seed}: ${other}`);
        }
      }
    } catch (error) {
      if (!(error instanceof PricingRefusal)) throw error;
    }
  }
  t.ok(tried > 500, `${tried} forgeries`);
});

t.test('what is no receipt of this version is refused with the reason', async (t) => {
  const dice = diceOf(2);
  const content = canonicalJson({ ...randomContent(dice), rules: [] });
  const set = compileStoredVersion({ id: sampleId(9, 1), hash: sha256(content), content });
  const reasonOf = (text: string) => {
    const verdict = verifyReceipt(set, text, sha256(text));
    return verdict.ok ? '' : verdict.reason;
  };
  t.equal(reasonOf('{'), 'the text is not a receipt');
  t.equal(reasonOf('{"format":"platen-receipt/1"}'), 'the text is not a receipt');
});
