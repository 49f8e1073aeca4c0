import type { Queryable } from '@platen/chassis/db/types';
import { AppError, type FieldError } from '@platen/chassis/http/app-error';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { Decoration } from '@platen/schema/contracts/data/pricing';
import { LRUCache } from 'lru-cache';
import { dateIn, type FindOrganization, organizationOf } from '../documents/index.js';
import type { WorkCtx } from '../module.js';
import type { Basket, BasketLine, PricedBasket, TaxSettings } from './engine/basket.js';
import { type CompiledRuleSet, compileStoredVersion, isOfOtherFormat } from './engine/compile.js';
import { basketDecoration } from './engine/decoration.js';
import { priceBasket } from './engine/price-basket.js';
import { PricingRefusal } from './engine/refusal.js';
import {
  findPricingFacts,
  findRuleSetVersion,
  type PricingFacts,
  type ProductFacts,
  type VariantFacts,
} from './repo.js';

export interface PriceRequest {
  readonly customerId: string | null;
  /** null: today, by the organization's clock. */
  readonly priceOn: string | null;
  /** null or absent: nobody said. */
  readonly dueOn?: string | null;
  readonly lines: readonly RequestLine[];
}
export interface RequestLine {
  readonly product_id: string;
  readonly design_id?: string | null;
  readonly decorations?: readonly Decoration[];
  readonly sizes: readonly { readonly variant_id: string; readonly quantity: number }[];
}

export interface PricingService {
  /**
   * Prices a request by the rule set in force, with one round trip on `db` (one more when a version is new to this
   * process). @throws AppError unknown_reference, price_unavailable, currency_mismatch, amount_out_of_range
   */
  price(ctx: WorkCtx, db: Queryable, request: PriceRequest): Promise<PricedBasket>;
  /** The request with all that its price depends on, and the version in force. @throws AppError as `price` */
  readBasket(ctx: WorkCtx, db: Queryable, request: PriceRequest): Promise<ReadBasket>;
  /** A stored version, compiled once. @throws AppError price_unavailable; TypeError where its text is not what its hash says */
  ruleSet(db: Queryable, version: { readonly id: string; readonly hash: string }): Promise<CompiledRuleSet>;
}
export interface ReadBasket {
  readonly basket: Basket;
  /** null: there is none for the basket's currency and day. */
  readonly inForce: { readonly id: string; readonly hash: string } | null;
  readonly taxes: TaxSettings;
}

/** Compiled versions kept in memory: immutable, so never stale. One of 300 rules takes some 200 KB. */
const maxCompiled = 200;
/** Characters of their texts: versions of the largest kind are not kept two hundred at a time. */
const maxCompiledLength = 64 * 1024 * 1024;

export function createPricingService(deps: { readonly findOrganization: FindOrganization }): PricingService {
  const compiled = new LRUCache<string, CompiledRuleSet>({ max: maxCompiled, maxSize: maxCompiledLength });

  async function ruleSet(db: Queryable, { id, hash }: { id: string; hash: string }): Promise<CompiledRuleSet> {
    // Ids are unique within an organization only, and this memory is everyone's: the content's hash is the same for the
    // same content alone.
    const key = `${id} ${hash}`;
    const known = compiled.get(key);
    if (known) return known;
    const version = await findRuleSetVersion(db, id);
    if (!version) throw new AppError('price_unavailable', 'The price list in force is not there');
    if (isOfOtherFormat(version)) {
      throw new AppError('price_unavailable', 'The price list in force is of a former format: publish it again');
    }
    const made = compileStoredVersion(version);
    compiled.set(key, made, { size: version.content.length });
    return made;
  }

  async function readBasket(ctx: WorkCtx, db: Queryable, request: PriceRequest): Promise<ReadBasket> {
    const { settings } = organizationOf(deps.findOrganization, ctx);
    requireDistinctSizes(request);
    const now = ctx.now();
    const today = dateIn(settings.time_zone, now);
    const priceOn = request.priceOn ?? today;
    const facts = await findPricingFacts(db, {
      productIds: [...new Set(request.lines.map((line) => line.product_id))],
      variantIds: [...new Set(request.lines.flatMap((line) => line.sizes.map((size) => size.variant_id)))],
      designIds: [...new Set(request.lines.flatMap(designsOf))],
      customerId: request.customerId,
      priceOn,
      moment: priceOn === today ? now : null,
      timeZone: settings.time_zone,
    });
    if (request.customerId !== null && !facts.customer) {
      throw refusedFields([{ path: '/body/customer_id', message: 'There is no such customer' }]);
    }
    const currency = facts.customer?.currency ?? settings.currency;
    const basket: Basket = {
      priceOn,
      dueOn: request.dueOn ?? null,
      currency,
      customer: facts.customer && {
        id: facts.customer.id,
        group: facts.customer.customer_group,
        taxExempt: facts.customer.tax_exempt,
      },
      lines: basketLines(request, facts, currency),
    };
    const inForce = facts.versions.find((candidate) => candidate.currency === currency) ?? null;
    const taxes = { taxRounding: settings.tax_rounding, taxRates: new Map(Object.entries(facts.tax_rates)) };
    return { basket, inForce, taxes };
  }

  return {
    readBasket,
    ruleSet,

    async price(ctx, db, request) {
      const { basket, inForce, taxes } = await readBasket(ctx, db, request);
      if (!inForce) {
        const { currency, priceOn } = basket;
        throw new AppError('price_unavailable', `No price list in ${currency} is in force on ${priceOn}`);
      }
      try {
        return priceBasket(await ruleSet(db, inForce), basket, taxes);
      } catch (error) {
        throw error instanceof PricingRefusal ? refused(error) : error;
      }
    },
  };
}

const refused = (refusal: PricingRefusal): AppError =>
  new AppError(refusal.code, refusal.message, {
    cause: refusal,
    fields:
      refusal.line === null ? [] : [{ path: `/body/lines/${refusal.line}${refusal.field}`, message: refusal.message }],
  });

const refusedFields = (fields: readonly FieldError[]): AppError =>
  new AppError('unknown_reference', fields[0]?.message, { fields });

/** A variant twice in one line would have two quantities. */
function requireDistinctSizes({ lines }: PriceRequest): void {
  const fields = lines.flatMap((line, index) => {
    const seen = new Set<string>();
    return line.sizes.flatMap((size, at) => {
      if (!seen.has(size.variant_id)) {
        seen.add(size.variant_id);
        return [];
      }
      const message = 'The variant is in this line already';
      return [{ path: `/body/lines/${index}/sizes/${at}/variant_id`, message }];
    });
  });
  if (fields.length > 0) throw new AppError('validation_failed', fields[0]?.message, { fields });
}

/** Joins the request with what the database knows; every problem is named, not only the first. */
function basketLines(request: PriceRequest, facts: PricingFacts, currency: string): BasketLine[] {
  const products = new Map(facts.products.map((product) => [product.id, product]));
  const variants = new Map(facts.variants.map((variant) => [variant.id, variant]));
  const designs = new Set(facts.designs);
  const problems: FieldError[] = [];
  const foreign: FieldError[] = [];
  const lines = request.lines.map((line, index): BasketLine | null => {
    const at = `/body/lines/${index}`;
    const product = products.get(line.product_id);
    if (product?.status !== 'active') {
      problems.push({ path: `${at}/product_id`, message: whyNotSold(product) });
      return null;
    }
    if (product.currency !== currency) {
      foreign.push({ path: `${at}/product_id`, message: `The product is priced in ${product.currency}` });
    }
    for (const id of designsOf(line)) {
      if (!designs.has(id)) problems.push({ path: `${at}/design_id`, message: `There is no design ${id}` });
    }
    const sizes = line.sizes.map((size, position) => {
      const variant = variants.get(size.variant_id);
      const problem = whyNotOf(variant, product);
      if (problem) problems.push({ path: `${at}/sizes/${position}/variant_id`, message: problem });
      return {
        variantId: size.variant_id,
        quantity: size.quantity,
        priceDelta: variant?.price_delta ?? '0.0000',
        cost: variant?.cost ?? null,
        options: variant?.option_values ?? {},
      };
    });
    const { category_id: categoryId, tax_class: taxClass, base_price: basePrice } = product;
    const decorations = (line.decorations ?? []).map((decoration, place) => {
      // In the spelling of rules, which are held against it byte by byte.
      const location = normalizeCode(decoration.location, `${at}/decorations/${place}/location`);
      return basketDecoration({ ...decoration, location });
    });
    const designId = line.design_id ?? null;
    return { productId: product.id, categoryId, taxClass, basePrice, designId, decorations, sizes };
  });
  if (problems.length > 0) throw refusedFields(problems);
  if (foreign.length > 0) throw new AppError('currency_mismatch', foreign[0]?.message, { fields: foreign });
  return lines.filter((line) => line !== null);
}

const designsOf = ({ design_id, decorations = [] }: RequestLine): string[] =>
  [design_id, ...decorations.map((decoration) => decoration.design_id)].filter((id) => typeof id === 'string');

const whyNotSold = (product: ProductFacts | undefined): string =>
  product ? 'The product is not active' : 'There is no such product';

function whyNotOf(variant: VariantFacts | undefined, product: ProductFacts): string | null {
  if (!variant || variant.product_id !== product.id) return 'The product has no such variant';
  return variant.status === 'active' ? null : 'The variant is not active';
}
