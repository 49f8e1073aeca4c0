import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { stockLocationKinds, stockMoveKinds, stockSources } from '../../states/stock.js';
import {
  Amount,
  CalendarDate,
  Code,
  closed,
  Id,
  IdParams,
  literals,
  Name,
  nullable,
  page,
  pageQuery,
  partial,
  Quantity,
  stamps,
  Timestamp,
  Version,
} from '../shapes.js';

/** Of what may be less than nothing: stock of a location that allows it, a difference. */
const Signed = { ...Amount, examples: ['-12.0000'] };
const SignedQuantity = Type.String({ pattern: '^-?\\d{1,10}(\\.\\d{1,4})?$', examples: ['-12'] });
const Sku = Type.String({ maxLength: 64 });
/** Why, in words of whoever did it; every entry of it says so. */
const Reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S', examples: ['Stocktaking, March'] });
const Position = Type.Integer({ minimum: 0, maximum: 1_000_000 });
/** Lines of one document: its rows are locked together. */
const maxLines = 200;

export const StockLocation = closed({
  id: Id,
  code: Code,
  name: Name,
  kind: literals(stockLocationKinds),
  /** null: of the whole organization. */
  workspace_id: nullable(Id),
  /** Orders take from the first that has what they need, their workspace's own before those of the organization. */
  position: Type.Integer(),
  /** Whether stock here may fall below zero. */
  allow_negative: Type.Boolean(),
  version: Version,
  ...stamps,
});
const locationFields = {
  name: Name,
  position: Type.Optional(Position),
  allow_negative: Type.Optional(Type.Boolean()),
};

export const stockLocations = contracts('erp.stock.locations', {
  list: {
    method: 'GET',
    path: '/api/erp/stock/locations',
    access: requires('erp.stock.read'),
    summary: 'List stock locations, newest first',
    query: closed({ ...pageQuery, kind: Type.Optional(literals(stockLocationKinds)) }),
    status: 200,
    response: page(StockLocation),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/stock/locations/:id',
    access: requires('erp.stock.read'),
    summary: 'Get a stock location',
    params: IdParams,
    status: 200,
    response: StockLocation,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/stock/locations',
    access: requires('erp.stock_location.write'),
    summary: 'Create a location that holds stock',
    description:
      'Places that stock comes from and goes to outside (suppliers, customers, production, loss) are there by themselves.',
    body: closed({
      code: Code,
      ...locationFields,
      workspace_id: Type.Optional({
        ...nullable(Id),
        description: 'Whose it is; null: the whole organization’s. Absent: the workspace of the context',
      }),
    }),
    status: 201,
    response: StockLocation,
    versioned: true,
    errors: ['duplicate', 'unknown_reference'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/stock/locations/:id',
    access: requires('erp.stock_location.write'),
    summary: 'Change a stock location',
    description: '`allow_negative` is taken away only where nothing is below zero (409 `in_use`).',
    params: IdParams,
    body: partial(locationFields),
    status: 200,
    response: StockLocation,
    versioned: true,
    errors: ['version_mismatch', 'in_use'],
  },
});

const atHand = {
  on_hand: Signed,
  /** Of that, promised to orders. */
  reserved: Quantity,
  available: Signed,
};
export const StockLevel = closed({
  id: Id,
  location_id: Id,
  variant_id: Id,
  sku: Sku,
  product_id: Id,
  product_name: Name,
  ...atHand,
  /** What suppliers still owe of approved purchase orders to this location. */
  incoming: Quantity,
  updated_at: Timestamp,
});
/** An entry: what left one location entered the other. Never changed. */
export const StockMove = closed({
  id: Id,
  variant_id: Id,
  sku: Sku,
  product_name: Name,
  from_location_id: Id,
  to_location_id: Id,
  quantity: Quantity,
  kind: literals(stockMoveKinds),
  source_type: literals(stockSources),
  /** The document; of a transfer or an adjustment, what its entries have in common. */
  source_id: Id,
  order_id: nullable(Id),
  order_line_size_id: nullable(Id),
  reason: nullable(Type.String()),
  /** The user or API key. */
  made_by: Id,
  created_at: Timestamp,
});

export const stockMoves = contracts('erp.stock.moves', {
  list: {
    method: 'GET',
    path: '/api/erp/stock/moves',
    access: requires('erp.stock.read'),
    summary: 'List stock entries, newest first',
    query: closed({
      ...pageQuery,
      variant_id: Type.Optional(Id),
      location_id: Type.Optional({ ...Id, description: 'At either end' }),
      order_id: Type.Optional(Id),
      source_id: Type.Optional({ ...Id, description: 'The document, transfer or adjustment' }),
      kind: Type.Optional(literals(stockMoveKinds)),
    }),
    status: 200,
    response: page(StockMove),
    paged: true,
  },
  transfer: {
    method: 'POST',
    path: '/api/erp/stock/moves',
    access: requires('erp.stock.move'),
    summary: 'Move stock from one location to another',
    description:
      'Only what is promised to nobody (422 `stock_short` with what is missing). What arrives is promised to orders that wait for it. Between a workspace’s location and the organization’s there are two entries, through `transit`.',
    body: closed({
      from_location_id: Id,
      to_location_id: Id,
      lines: Type.Array(closed({ variant_id: Id, quantity: Quantity }), { minItems: 1, maxItems: maxLines }),
      reason: Type.Optional(Reason),
    }),
    status: 201,
    response: closed({ id: Id, moves: Type.Array(StockMove) }),
    errors: ['unknown_reference', 'stock_short', 'conflict'],
  },
});

/** An order that misses some of a variant. */
export const ShortOrder = closed({
  order_id: Id,
  number: nullable(Type.String()),
  customer_id: Id,
  customer_name: Name,
  due_on: nullable(CalendarDate),
  quantity: Quantity,
});

export const stockAdjustments = contracts('erp.stock.adjustments', {
  create: {
    method: 'POST',
    path: '/api/erp/stock/adjustments',
    access: requires('erp.stock.adjust'),
    summary: 'Say what was counted, or what came and went',
    description:
      'The difference is an entry from or to `loss`. Where less is there than was promised, orders lose their promises, the latest due first; `short` says which of the variants’ orders miss something now. 422 `stock_reserved`: orders that cannot be changed from here hold it.',
    body: closed({
      location_id: Id,
      lines: Type.Array(
        closed({
          variant_id: Id,
          counted: Type.Optional({ ...Quantity, description: 'What is there; either this or `delta`' }),
          delta: Type.Optional({
            ...SignedQuantity,
            description: 'What came (or, below zero, went) beside what is known',
          }),
        }),
        { minItems: 1, maxItems: maxLines },
      ),
      reason: Reason,
    }),
    status: 201,
    response: closed({
      id: Id,
      /** None where everything was as it was known. */
      moves: Type.Array(StockMove),
      levels: Type.Array(closed({ location_id: Id, variant_id: Id, ...atHand })),
      short: Type.Array(closed({ variant_id: Id, orders: Type.Array(ShortOrder) })),
    }),
    errors: ['unknown_reference', 'stock_short', 'stock_reserved', 'conflict'],
  },
});

export const Shortage = closed({
  variant_id: Id,
  sku: Sku,
  product_id: Id,
  product_name: Name,
  /** What all these orders miss together. */
  short: Quantity,
  /** In other places, that these orders do not take from. */
  available: Quantity,
  /** What suppliers still owe of approved purchase orders, and the first day on which some of it is expected. */
  incoming: Quantity,
  expected_on: nullable(CalendarDate),
  order_count: Type.Integer(),
  /** The first that are due, up to a hundred. */
  orders: Type.Array(ShortOrder),
});

/** What the check compares, and what it finds to differ. */
export const stockDifferenceKinds = [
  'on_hand',
  'reserved',
  'open',
  'order_reserved',
  'over_reserved',
  'unreserved',
  'settings',
] as const;
export const stockRepairs = ['set', 'entry', 'release', 'reserve'] as const;
export const StockDifference = closed({
  kind: Type.Enum<[...typeof stockDifferenceKinds]>([...stockDifferenceKinds], {
    description:
      '`on_hand`: a level is not the sum of its entries. `reserved`: a level is not the sum of its reservations. `open`: an order’s need is not what was ordered less what production took. `order_reserved`: what an order says to have is not the sum of its reservations. `over_reserved`: reservations beyond what is needed or there. `unreserved`: stock is free that an order waits for. `settings`: a level allows what its location does not, or the other way round.',
  }),
  variant_id: Id,
  sku: Sku,
  location_id: nullable(Id),
  order_id: nullable(Id),
  order_line_size_id: nullable(Id),
  expected: Signed,
  found: Signed,
  /** `set`: the row is made to say `expected`. `entry`: an entry of this quantity is written between `loss` and the location. */
  repair: closed({ action: literals(stockRepairs), quantity: Signed }),
});
const checked = closed({
  variants: Type.Integer(),
  levels: Type.Integer(),
  moves: Type.Integer(),
  reservations: Type.Integer(),
  order_line_sizes: Type.Integer(),
});
const NextCursor = nullable(Type.String());

export const stock = contracts('erp.stock', {
  levels: {
    method: 'GET',
    path: '/api/erp/stock/levels',
    access: requires('erp.stock.read'),
    summary: 'List what is in stock where',
    query: closed({
      ...pageQuery,
      location_id: Type.Optional(Id),
      variant_id: Type.Optional(Id),
      sku_prefix: Type.Optional({ ...Code, description: 'Lists in the order of the SKUs then' }),
      below: Type.Optional({ ...Quantity, description: 'Only where less than this is available' }),
    }),
    status: 200,
    response: page(StockLevel),
    paged: true,
  },
  shortages: {
    method: 'GET',
    path: '/api/erp/stock/shortages',
    access: requires('erp.stock.read'),
    summary: 'List variants that orders wait for, and the orders',
    query: closed({
      ...pageQuery,
      order_id: Type.Optional({ ...Id, description: 'Only what this order misses' }),
    }),
    status: 200,
    response: page(Shortage),
    paged: true,
  },
  check: {
    method: 'GET',
    path: '/api/erp/stock/check',
    access: requires('erp.stock.read'),
    summary: 'Prove that levels, entries, reservations and the needs of orders agree',
    description:
      'As of one moment for each answer: some 20,000 entries, always all of a variant. `next_cursor` goes on where there are more. From a workspace: its own orders, its locations and the organization’s.',
    query: closed({ cursor: pageQuery.cursor }),
    status: 200,
    response: closed({ checked, differences: Type.Array(StockDifference), next_cursor: NextCursor }),
    errors: ['invalid_cursor'],
  },
  repair: {
    method: 'POST',
    path: '/api/erp/stock/check',
    access: requires('erp.stock.repair'),
    summary: 'Check again, with the rows held still, and put right what differs',
    description: 'Does what the check proposes, of the same part of the stock, and answers what it did.',
    body: closed({ cursor: pageQuery.cursor, reason: Reason }),
    status: 200,
    response: closed({ repaired: Type.Array(StockDifference), next_cursor: NextCursor }),
    errors: ['invalid_cursor', 'conflict'],
  },
});
