import { DatabaseError, sqlstates } from '@platen/chassis/db/errors';
import { statement } from '@platen/chassis/db/statement';
import { AppError } from '@platen/chassis/http/app-error';
import type { Teardown } from '@platen/chassis/testkit/database';
import type { Contract, OutputOf } from '@platen/schema/contract';
import type { stock, stockAdjustments, stockLocations, stockMoves } from '@platen/schema/contracts/data/stock';
import { type OrderBody, orderBasket } from '../../test/orders.fixture.js';
import { type CtxOptions, openSales, read } from '../../test/sales.fixture.js';
import { withStock } from '../../test/stock.fixture.js';
import type { TenantCtx } from '../module.js';
import { createStockService } from './service.js';

export type Check = OutputOf<typeof stock.check>;
export type Adjustment = OutputOf<typeof stockAdjustments.create>;
export type Transfer = OutputOf<typeof stockMoves.transfer>;
type LocationBody = OutputOf<typeof stockLocations.get>;
type ItemOf<C extends Contract> = OutputOf<C> extends { items: (infer I)[] } ? I : never;
export type LevelItem = ItemOf<typeof stock.levels>;
export type MoveItem = ItemOf<typeof stockMoves.list>;
export type ShortageItem = ItemOf<typeof stock.shortages>;

const selectVariants = statement<{ id: string; sku: string; product_id: string }>(
  'test.stocked_variants',
  'select id, sku, product_id from erp_product_variants order by sku',
);

export const reason = 'Counted by the test';

/** The stock of a seeded organization, with the orders that take from it. */
export async function openStockroom(t: Teardown) {
  const sales = await openSales(t, 0);
  const service = createStockService({ cursors: sales.cursors, findOrganization: () => sales.organization });
  const ctxOf = (options?: CtxOptions): TenantCtx => withStock(sales.ctxOf(options));
  const variants = await ctxOf().db.leased.query(selectVariants);
  const { customer_id } = await orderBasket(sales);
  let made = 0;
  return {
    sales,
    service,
    ctxOf,
    variants,

    async newLocation(workspaceId: string | null, more: { allow_negative?: boolean; position?: number } = {}) {
      made += 1;
      const body = { code: `shelf-${made}`, name: `Shelf ${made}`, ...more };
      return read<LocationBody>(await service.locations.create(ctxOf({ workspaceId }), body));
    },

    async adjust(locationId: string, lines: readonly Line[], ctx: TenantCtx = ctxOf()): Promise<Adjustment> {
      return read(await service.adjust(ctx, { location_id: locationId, lines: [...lines], reason }));
    },

    async transfer(from: string, to: string, lines: readonly Moved[], ctx: TenantCtx = ctxOf()): Promise<Transfer> {
      return read(
        await service.transfer(ctx, { from_location_id: from, to_location_id: to, lines: [...lines], reason }),
      );
    },

    /** A confirmed order of these pieces. */
    async order(pieces: Readonly<Record<string, number>>, due_on: string | null = null, ctx: TenantCtx = ctxOf()) {
      const lines = Object.entries(pieces).map(([variant_id, quantity]) => {
        const variant = variants.find(({ id }) => id === variant_id);
        if (!variant) throw new Error(`no variant ${variant_id}`);
        return { product_id: variant.product_id, sizes: [{ variant_id, quantity }] };
      });
      const { id } = read<OrderBody>(await sales.orders.create(ctx, { customer_id, lines, due_on }));
      return read<OrderBody>(await sales.orders.confirm(ctx, id));
    },

    async levels(ctx: TenantCtx = ctxOf()): Promise<LevelItem[]> {
      return read<{ items: LevelItem[] }>(await service.levels(ctx, { limit: 200 })).items;
    },

    check: (ctx: TenantCtx = ctxOf()): Promise<Check> => service.check.check(ctx, undefined),
  };
}
export type Stockroom = Awaited<ReturnType<typeof openStockroom>>;

export interface Line {
  readonly variant_id: string;
  readonly counted?: string;
  readonly delta?: string;
}
interface Moved {
  readonly variant_id: string;
  readonly quantity: string;
}

/** `[on hand, reserved]` of a variant at a location. */
export const standOf = (levels: readonly LevelItem[], locationId: string, variantId: string): [number, number] => {
  const level = levels.find((row) => row.location_id === locationId && row.variant_id === variantId);
  return [Number(level?.on_hand ?? 0), Number(level?.reserved ?? 0)];
};

/** What became of it: `done`, the code of a refusal, or what the database said. */
export async function outcome(work: () => Promise<unknown>): Promise<string> {
  for (;;) {
    try {
      await work();
      return 'done';
    } catch (error) {
      if (error instanceof AppError) return error.code;
      if (!(error instanceof DatabaseError)) throw error;
      // A slow machine: a lock was waited for too long, which says nothing about circles.
      if (error.sqlstate !== sqlstates.lockNotAvailable) return error.sqlstate;
    }
  }
}
