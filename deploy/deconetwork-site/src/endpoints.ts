import type { Writing } from './as-vendor.js';
import { driftOrders } from './change-orders.js';
import { type FieldValue, findRows, type Searchable } from './find.js';
import { writeInventory, writeProduct, writePurchaseOrder } from './masters-as-vendor.js';
import { writeOrder } from './order-as-vendor.js';
import { flagOf, type Parameters, textOf } from './parameters.js';
import { done, idNotFound, invalidParameters } from './refusal.js';
import { inventoryFields, orderFieldMaps, productFields, purchaseOrderFields } from './search-fields.js';
import type { VendorStatus } from './shapes.js';
import type { SiteState } from './state.js';
import type { SiteInventory, SiteOrder, SiteProduct, SitePurchaseOrder } from './truth.js';
import { updateOrderStatus } from './update-status.js';
import { receiveStock, updateInventory } from './update-stock.js';

export interface Call {
  readonly state: SiteState;
  readonly parameters: Parameters;
  readonly origin: string;
}
export interface Answer {
  readonly response_status: VendorStatus;
  readonly [rows: string]: unknown;
}

/** By path below `/api/json/`; throws the vendor's refusals. */
export const endpoints: Readonly<Record<string, (call: Call) => Answer>> = {
  'manage_orders/find': (call) => {
    driftOrders(call.state);
    const { rows, ...answer } = find(call, ordersOf(call.state));
    return { ...answer, orders: rows.map((order) => writeOrder(order, writingOf(call), call.parameters)) };
  },
  'manage_orders/update_order_status': ({ state, parameters }) => {
    updateOrderStatus(state, parameters);
    return { response_status: done };
  },
  'manage_products/find': (call) => {
    const { rows, ...answer } = find(call, productsOf(call.state));
    return { ...answer, products: rows.map((product) => writeProduct(product, writingOf(call))) };
  },
  'manage_products/get': getProducts,
  'manage_inventory/find': (call) => {
    const { rows, ...answer } = find(call, inventoriesOf(call.state));
    return { ...answer, inventories: rows.map((inventory) => writeInventory(inventory, writingOf(call))) };
  },
  'manage_inventory/update': ({ state, parameters }) => ({ response_status: updateInventory(state, parameters) }),
  'manage_purchase_orders/find': (call) => {
    const { rows, ...answer } = find(call, purchaseOrdersOf(call.state));
    return { ...answer, purchase_orders: rows.map((order) => writePurchaseOrder(order, writingOf(call))) };
  },
  'manage_purchase_orders/receive_stock': ({ state, parameters }) => {
    receiveStock(state, parameters);
    return { response_status: done };
  },
};

function find<Row>({ state, parameters }: Call, source: Searchable<Row>) {
  state.finds += 1;
  const { duplicates, warnings } = state.habits;
  const repeat = duplicates !== null && state.finds % duplicates.everyPages === 0;
  const page = findRows(source, parameters, state.habits, repeat);
  const warn = warnings !== null && state.finds % warnings.every === 0;
  return { response_status: warn ? idNotFound : done, ...page };
}

function writingOf({ state, parameters, origin }: Call): Writing {
  const tokens = state.habits.tokenLinks && flagOf(parameters, 'skip_login_token') !== true;
  const linkQuery = tokens ? `?user[id]=67176996&key=${state.loginToken}` : '';
  return { habits: state.habits, origin, linkQuery };
}

function getProducts(call: Call): Answer {
  const { state, parameters } = call;
  const [id, ids] = [textOf(parameters, 'id'), textOf(parameters, 'ids')?.split(',')];
  const wanted = ids ?? (id === undefined ? [] : [id]);
  if (wanted.length === 0 || wanted.length > 100) throw invalidParameters();
  const found = state.world.products.filter((product) => wanted.includes(String(product.id)));
  const products = found.map((product) => writeProduct(product, writingOf(call)));
  const response_status = products.length < new Set(wanted).size ? idNotFound : done;
  if (products.length === 0) return { response_status };
  return ids === undefined ? { response_status, product: products[0] } : { response_status, products };
}

const ordersOf = ({ orders, habits }: SiteState): Searchable<SiteOrder> => ({
  rows: [...orders.values()],
  fields: orderFieldMaps[habits.fieldMap],
  read: (order, name) => orderReaders[name]?.(order) ?? null,
  sortBy: 2,
});
const orderReaders: Readonly<Record<string, (order: SiteOrder) => FieldValue>> = {
  order_id: ({ id }) => id,
  order_status: ({ status }) => String(status),
  date_ordered: ({ orderedAt }) => orderedAt,
  date_production_files_ready: ({ filesReadyAt }) => filesReadyAt,
  date_shipped: ({ shippedAt }) => shippedAt,
  date_modified: ({ modifiedAt }) => modifiedAt,
  date_due: ({ dueAt }) => dueAt,
};

const productsOf = ({ world }: SiteState): Searchable<SiteProduct> => ({
  rows: world.products,
  fields: productFields,
  read: (product, name) => productReaders[name]?.(product) ?? null,
  sortBy: 4,
});
const productReaders: Readonly<Record<string, (product: SiteProduct) => FieldValue>> = {
  product_id: ({ id }) => id,
  product_code: ({ code }) => code,
  product_name: ({ name }) => name,
  supplier: ({ supplier }) => supplier,
  date_modified: ({ modifiedAt }) => modifiedAt,
};

const inventoriesOf = ({ inventories }: SiteState): Searchable<SiteInventory> => ({
  rows: [...inventories.values()],
  fields: inventoryFields,
  read: (inventory, name) => inventoryReaders[name]?.(inventory) ?? productReaders[name]?.(inventory.product) ?? null,
  sortBy: 6,
});
const inventoryReaders: Readonly<Record<string, (inventory: SiteInventory) => FieldValue>> = {
  dn_sku_id: ({ sku }) => sku.dnSkuId,
  inv_on: ({ on }) => on,
  inv_last_modified: ({ modifiedAt }) => modifiedAt,
};

const purchaseOrdersOf = ({ purchaseOrders }: SiteState): Searchable<SitePurchaseOrder> => ({
  rows: [...purchaseOrders.values()],
  fields: purchaseOrderFields,
  read: (order, name) => purchaseOrderReaders[name]?.(order) ?? null,
  sortBy: 4,
});
const purchaseOrderReaders: Readonly<Record<string, (order: SitePurchaseOrder) => FieldValue>> = {
  po_number: ({ number }) => number,
  status: ({ status }) => String(status),
  date_raised: ({ raisedAt }) => raisedAt,
  date_delivery: ({ deliveryAt }) => deliveryAt,
  date_modified: ({ modifiedAt }) => modifiedAt,
};
