import { buildApp, type Credentials } from './app.js';
import { startCallLog } from './call-log.js';
import { addOrder, changeOrder, removeOrder } from './change-orders.js';
import { changeProduct } from './change-product.js';
import { registerControl } from './control.js';
import { changedHabits, type Fault, type Habits } from './habits.js';
import { makeState, type SiteState, type StateOptions } from './state.js';
import type { OrderPatch, SiteCustomer, SiteInventory, SiteOrder, SiteProduct, SitePurchaseOrder } from './truth.js';

export interface SiteOptions extends StateOptions {
  /** Default: a free one. */
  readonly port?: number;
  readonly credentials?: Credentials;
  /** Serves `/__site/…` to whoever reaches it: for a site that runs as a process of its own. */
  readonly control?: boolean;
}

/** A site that serves, and what it knows: its answers are compared with this. */
export interface DecoNetworkSite {
  /** `http://127.0.0.1:4300` */
  readonly url: string;
  readonly credentials: Credentials;
  /** In the query of every link: whoever has it is logged in. */
  readonly loginToken: string;
  readonly state: SiteState;
  readonly log: ReturnType<typeof startCallLog>;
  orders(): SiteOrder[];
  /** Throws when there is none. */
  order(id: string): SiteOrder;
  products(): readonly SiteProduct[];
  customers(): readonly SiteCustomer[];
  inventories(): SiteInventory[];
  purchaseOrders(): SitePurchaseOrder[];
  changeOrder(id: string, patch: OrderPatch): SiteOrder;
  addOrder(patch?: OrderPatch): SiteOrder;
  removeOrder(id: string): void;
  changeProduct(id: number, patch: Partial<Omit<SiteProduct, 'id'>>): SiteProduct;
  setHabits(patch: Partial<Habits>): void;
  /** The next `times` calls of the endpoint, or of any, go wrong like this; before faults of habit. */
  failNext(fault: Fault, options?: { readonly times?: number; readonly endpoint?: string }): void;
  close(): Promise<void>;
}

export async function startDecoNetworkSite(options: SiteOptions = {}): Promise<DecoNetworkSite> {
  const state = makeState(options);
  const log = startCallLog();
  const credentials = options.credentials ?? {
    username: 'platen',
    password: `dn-secret-${state.loginToken.slice(0, 8)}`,
  };
  const ordered: { fault: Fault; times: number; endpoint: string | undefined }[] = [];
  const takeOrdered = (endpoint: string): Fault | undefined => {
    const next = ordered.find((one) => one.endpoint === undefined || one.endpoint === endpoint);
    if (next === undefined) return undefined;
    next.times -= 1;
    if (next.times === 0) ordered.splice(ordered.indexOf(next), 1);
    return next.fault;
  };
  let url = '';
  const app = await buildApp({ state, log, credentials, takeOrdered, origin: () => url });
  const site: Omit<DecoNetworkSite, 'url'> = {
    credentials,
    loginToken: state.loginToken,
    state,
    log,
    orders: () => [...state.orders.values()],
    order: (id) => {
      const order = state.orders.get(id);
      if (order === undefined) throw new RangeError(`The site has no order ${id}`);
      return order;
    },
    products: () => state.world.products,
    customers: () => state.world.customers,
    inventories: () => [...state.inventories.values()],
    purchaseOrders: () => [...state.purchaseOrders.values()],
    changeOrder: (id, patch) => changeOrder(state, id, patch),
    addOrder: (patch) => addOrder(state, patch),
    removeOrder: (id) => removeOrder(state, id),
    changeProduct: (id, patch) => changeProduct(state, id, patch),
    setHabits: (patch) => {
      state.habits = changedHabits(state.habits, patch);
    },
    failNext: (fault, { times = 1, endpoint } = {}) => {
      ordered.push({ fault, times, endpoint });
    },
    close: () => app.close(),
  };
  if (options.control === true) registerControl(app, site);
  url = await app.listen({ port: options.port ?? 0, host: '127.0.0.1' });
  return { ...site, url };
}
