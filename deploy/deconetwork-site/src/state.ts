import { createHash } from 'node:crypto';
import { type SiteClock, startClock } from './clock.js';
import { dayMs } from './durations.js';
import { type Habits, quietHabits } from './habits.js';
import { makeCustomers, makeInventories, makeProducts } from './make-catalogue.js';
import { makeOrder, type OrderWorld } from './make-order.js';
import { makePurchaseOrder } from './make-purchase-order.js';
import { seededRandom } from './random.js';
import type { CatalogueInput, Instant, SiteInventory, SiteOrder, SitePurchaseOrder } from './truth.js';

export interface SiteCounts {
  readonly orders: number;
  readonly products: number;
  readonly customers: number;
  readonly purchaseOrders: number;
}
export interface StateOptions extends Partial<SiteCounts> {
  readonly seed?: number;
  /** The site's clock at the beginning; everything that it has is older. */
  readonly startAt?: Instant;
  readonly catalogue?: CatalogueInput;
  readonly habits?: Partial<Habits>;
}

/** A message to a customer that a status write caused. */
export interface SentMail {
  readonly to: string;
  readonly orderId: string;
  readonly status: number;
}
/** One change of `update_order_status`, as it was asked for. */
export interface StatusWrite {
  readonly orderId: string;
  readonly newStatus: number;
  readonly orderLineId: string | undefined;
  readonly workflowItemId: string | undefined;
  readonly qty: number | undefined;
  readonly shippingCode: string | undefined;
  /** Undefined when the call didn't say. */
  readonly contactCustomer: boolean | undefined;
  /** False when everything was so already. */
  readonly changed: boolean;
}
export interface InventoryWrite {
  readonly dnSkuId: string;
  readonly level: number;
  readonly on: boolean;
}
export interface Receipt {
  readonly poNumber: string;
  readonly lineId: number;
  readonly qty: number;
}
/** What drift did before a page. */
export interface Drift {
  readonly changed: readonly string[];
  readonly added: readonly string[];
}

export interface SiteState {
  habits: Habits;
  readonly clock: SiteClock;
  readonly world: OrderWorld;
  readonly orders: Map<string, SiteOrder>;
  /** By `dn_sku_id`. */
  readonly inventories: Map<string, SiteInventory>;
  readonly purchaseOrders: Map<string, SitePurchaseOrder>;
  /** What a link's query logs its reader in with. */
  readonly loginToken: string;
  orderPlaces: number;
  orderPages: number;
  finds: number;
  readonly mails: SentMail[];
  readonly statusWrites: StatusWrite[];
  readonly inventoryWrites: InventoryWrite[];
  readonly receipts: Receipt[];
  readonly drifts: Drift[];
}

const defaultCounts: SiteCounts = { orders: 100, products: 24, customers: 40, purchaseOrders: 10 };
const minuteMs = 60_000;
const yearMs = 365 * dayMs;

export function makeState(options: StateOptions): SiteState {
  const seed = options.seed ?? 1;
  const counts = { ...defaultCounts, ...options };
  const random = seededRandom(seed);
  const clock = startClock(options.startAt ?? '2026-06-01T00:00:00.000Z');
  const nowMs = Date.parse(clock.now());
  const founded = new Date(nowMs - yearMs).toISOString();
  const products = makeProducts(random, counts, options.catalogue, founded);
  const customers = makeCustomers(random, counts.customers, options.catalogue);
  const world: OrderWorld = { random, products, customers };
  const inventories = makeInventories(random, products, founded);
  const state: SiteState = {
    habits: { ...quietHabits, ...options.habits },
    clock,
    world,
    orders: new Map(),
    inventories: new Map(inventories.map((row) => [row.sku.dnSkuId, row])),
    purchaseOrders: new Map(),
    loginToken: createHash('sha1').update(`login token of site ${seed}`).digest('hex'),
    orderPlaces: 0,
    orderPages: 0,
    finds: 0,
    mails: [],
    statusWrites: [],
    inventoryWrites: [],
    receipts: [],
    drifts: [],
  };
  // The last half year, evenly; a few thousand orders of the same minute would all be of today otherwise.
  const stepMs = Math.max(minuteMs, Math.floor(yearMs / 2 / Math.max(1, counts.orders)));
  for (let place = 1; place <= counts.orders; place += 1) {
    const order = makeOrder(world, place, { orderedAtMs: nowMs - (counts.orders - place + 1) * stepMs, nowMs });
    state.orders.set(order.id, order);
    state.orderPlaces = place;
  }
  for (let place = 1; place <= counts.purchaseOrders; place += 1) {
    const order = makePurchaseOrder(random, products, place, nowMs);
    state.purchaseOrders.set(order.number, order);
  }
  countOnOrder(state);
  return state;
}

/** Inventories say what open purchase orders will bring. */
export function countOnOrder(state: SiteState): void {
  const open = new Map<string, number>();
  for (const { status, lines } of state.purchaseOrders.values()) {
    if (status < 2 || status > 4) continue;
    for (const { sku, ordered, received } of lines) {
      open.set(sku.dnSkuId, (open.get(sku.dnSkuId) ?? 0) + ordered - received);
    }
  }
  for (const [id, inventory] of state.inventories) {
    const onOrderPo = open.get(id) ?? 0;
    if (inventory.onOrderPo !== onOrderPo) state.inventories.set(id, { ...inventory, onOrderPo });
  }
}
