import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Receipt } from '@platen/schema/contracts/data/pricing';
import t from 'tap';
import { Value } from 'typebox/value';
import { canonicalJson, sha256 } from './canonical.js';
import { type CompiledRuleSet, compileStoredVersion } from './compile.js';
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

/** Prices in a process of its own, which is killed when it has: what it knew is in the file or gone. */
async function priceElsewhere(file: string): Promise<void> {
  const child = fileURLToPath(new URL('./receipts.child.js', import.meta.url));
  const pricing = spawn(process.execPath, [child, file, String(baskets), String(basketsPerSet)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(pricing, 'exit');
  await Promise.race([once(pricing.stdout, 'data'), ended]);
  pricing.kill('SIGKILL');
  const [, signal] = await ended;
  if (signal !== 'SIGKILL') throw new Error('the pricing process ended by itself');
}

t.test(`the receipts of ${baskets} random baskets verify after a restart; one changed byte is refused`, async (t) => {
  const file = join(t.testdir(), 'receipts.ndjson');
  await priceElsewhere(file);
  const started = process.cpuUsage();
  const dice = diceOf(0);
  const wrong: string[] = [];
  let verified = 0;
  let versions = 0;
  let version: CompiledRuleSet | undefined;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const [first = '', hash = '', content] = JSON.parse(line) as readonly string[];
    if (content !== undefined) {
      version = compileStoredVersion({ id: first, hash, content });
      versions += 1;
      const changed = changeByte(content, dice);
      t.throws(() => compileStoredVersion({ id: first, hash, content: changed }), TypeError, 'a changed version');
      continue;
    }
    if (!version) throw new Error('a receipt before its version');
    verified += 1;
    const verdict = verifyReceipt(version, first, hash);
    if (!verdict.ok) wrong.push(`${verdict.reason}: ${first}`);
    const changed = changeByte(first, dice);
    if (verifyReceipt(version, changed, hash).ok) wrong.push(`accepted ${changed}`);
    if (verified % 40 > 0) continue;
    const value: unknown = JSON.parse(first);
    if (canonicalJson(value) !== first) wrong.push(`not RFC 8785: ${first}`);
    if (!Value.Check(Receipt, value)) wrong.push(JSON.stringify(Value.Errors(Receipt, value)[0]));
  }
  const { user, system } = process.cpuUsage(started);
  t.comment(`measured: ${verified} receipts of ${versions} versions, ${((user + system) / 1e6).toFixed(1)} s of CPU`);
  t.same(wrong, []);
  t.equal(versions, baskets / basketsPerSet);
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
