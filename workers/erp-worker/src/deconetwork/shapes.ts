import { type Static, type TSchema, Type } from 'typebox';
import { numberPattern } from './amounts.js';

// What a site answers, after numbers became their texts. What we don't use is not named and may be anything; what a site
// may leave out is optional, and may be null.

const Num = Type.String({ pattern: numberPattern });
/** One line of text: it becomes an order's number, and stands in links and on paper. */
const VendorId = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[^\\s\\u0000-\\u001f\\u007f-\\u009f]+( +[^\\s\\u0000-\\u001f\\u007f-\\u009f]+)*$',
});
const maybe = <S extends TSchema>(schema: S) => Type.Optional(Type.Union([schema, Type.Null()]));
const Text = maybe(Type.String());
const Name = maybe(Type.Object({ name: Text }));

export const Envelope = Type.Object({
  response_status: Type.Object({ code: Num, severity: Text, description: Text }),
  total: maybe(Num),
});

export const Contact = Type.Object({
  user_id: Text,
  email: Text,
  firstname: Text,
  lastname: Text,
  company: Text,
  street: Text,
  city: Text,
  state: Text,
  postcode: Text,
  country_code: Text,
  ph_number: Text,
});
export type Contact = Static<typeof Contact>;

const LineOption = Type.Object({
  option_id: Text,
  name: Text,
  code: Text,
  qty: maybe(Num),
  price: maybe(Num),
  sku: Text,
  vendor_sku: Text,
  dn_sku_id: Text,
});
export const Line = Type.Object({
  id: VendorId,
  qty: Num,
  unit_price: Num,
  total_price: Num,
  product_id: VendorId,
  product_code: Text,
  product_name: Text,
  product_color: Name,
  fields: maybe(Type.Array(Type.Object({ field_name: Text, options: maybe(Type.Array(LineOption)) }))),
  views: maybe(
    Type.Array(
      Type.Object({
        view_name: Text,
        areas: maybe(
          Type.Array(Type.Object({ area_name: Text, processes: maybe(Type.Array(Type.Object({ process: Text }))) })),
        ),
      }),
    ),
  ),
});
export type Line = Static<typeof Line>;

export const Order = Type.Object({
  order_id: VendorId,
  order_status: Type.String({ minLength: 1, maxLength: 20 }),
  item_amount: Num,
  tax_amount: Num,
  billable_amount: Num,
  outstanding_balance: Num,
  shipping_amount: maybe(Num),
  rush_order_fee_amount: maybe(Num),
  discount_amount: maybe(Num),
  coupon_discount_amount: maybe(Num),
  gift_certificate_amount: maybe(Num),
  credit_used: maybe(Num),
  job_name: Text,
  customer_id: Text,
  customer_po_number: Text,
  date_ordered: Text,
  date_modified: Text,
  date_due: Text,
  billing_details: maybe(Contact),
  shipping_details: maybe(Contact),
  order_lines: Type.Array(Line),
});
export type Order = Static<typeof Order>;

export const Product = Type.Object({
  product_id: VendorId,
  product_code: Text,
  product_name: Text,
  supplier: Text,
  brand: Text,
  is_active: maybe(Type.Union([Type.Boolean(), Type.String()])),
  date_modified: Text,
  sizes: maybe(Type.Array(Type.Object({ id: VendorId, name: Text }))),
  colors: maybe(Type.Array(Type.Object({ id: VendorId, name: Text }))),
  skus: maybe(
    Type.Array(
      Type.Object({
        size_id: Text,
        color_id: Text,
        price: maybe(Num),
        cost: maybe(Num),
        sku: Text,
        dn_sku_id: VendorId,
      }),
    ),
  ),
});
export type Product = Static<typeof Product>;

export const Inventory = Type.Object({
  product_id: VendorId,
  product_code: Text,
  product_name: Text,
  sku: Text,
  vendor_sku: Text,
  dn_sku_id: VendorId,
  product_size: Name,
  product_color: Name,
  inv_on: maybe(Type.Union([Type.Boolean(), Type.String()])),
  inv_lvl: maybe(Num),
  inv_last_modified: Text,
});
export type Inventory = Static<typeof Inventory>;

export const PurchaseOrder = Type.Object({
  po_number: VendorId,
  vendor: Text,
  status: Type.String({ minLength: 1, maxLength: 20 }),
  status_description: Text,
  reference: Text,
  date_modified: Text,
  total: Num,
  lines: Type.Array(
    Type.Object({
      id: VendorId,
      sku: Text,
      dn_sku_id: Text,
      qty_ordered: Num,
      qty_received: maybe(Num),
      unit_cost: maybe(Num),
    }),
  ),
});
export type PurchaseOrder = Static<typeof PurchaseOrder>;
