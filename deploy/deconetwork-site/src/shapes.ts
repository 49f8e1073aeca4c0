// What a DecoNetwork site answers, record by record. Where each came from is said with it:
//   documented  the vendor's reference pages (developer.deconetwork.com) have it
//   seen        not documented, but public integrations and recorded answers of live sites have it
//   ours        nobody says; a sensible choice of this stand-in, which a real site may contradict

/** Every answer carries one (documented). HTTP is 200 also when `severity` is ERROR (seen). */
export interface VendorStatus {
  readonly code: number;
  readonly severity: 'SUCCESS' | 'WARNING' | 'ERROR';
  /** `.` or empty when it went well (documented and seen). */
  readonly description: string;
}

/** Documented, but 50010 to 50012, of which only the numbers are: their words are ours. */
export const statusCodes = {
  ok: 10001,
  authenticationFailed: 30001,
  apiNotEnabled: 31000,
  /** A warning: it comes beside the rows that were found. */
  productIdNotFound: 40004,
  noConditions: 50002,
  conditionInvalid: 50003,
  invalidLimitOrOffset: 50004,
  invalidParameters: 50005,
  purchaseOrderNotFound: 50010,
  purchaseOrderLineNotFound: 50011,
  /** More than is outstanding, or nothing. */
  quantityInvalid: 50012,
} as const;

/** What `condition` means (documented). */
export const conditionCodes = { eq: 1, ne: 2, lt: 3, gt: 4, lte: 5, gte: 6, between: 7 } as const;

/**
 * UTC. Documented without a zone (`2016-02-01T00:00:00`); live sites answer `2024-10-09T02:24:39.000+00:00` (seen).
 * A reader has to take both.
 */
export type VendorDate = string;
/** A JSON number: 22.5, 22.0625 (a tax before it is rounded: seen), 10.200000000000001. Never exact. */
export type VendorMoney = number;

export interface VendorFindAnswer {
  readonly response_status: VendorStatus;
  /** Rows that fulfil the conditions, whatever `limit` and `offset` are (documented). */
  readonly total: number;
}
export interface VendorOrdersAnswer extends VendorFindAnswer {
  readonly orders: readonly VendorOrder[];
}
export interface VendorProductsAnswer extends VendorFindAnswer {
  readonly products: readonly VendorProduct[];
}
export interface VendorInventoriesAnswer extends VendorFindAnswer {
  readonly inventories: readonly VendorInventory[];
}
export interface VendorPurchaseOrdersAnswer extends VendorFindAnswer {
  readonly purchase_orders: readonly VendorPurchaseOrder[];
}
/** `manage_products/get`: `product` for `id=1`, `products` for `ids=1,2` (seen). Absent when none was found. */
export interface VendorProductAnswer {
  readonly response_status: VendorStatus;
  readonly product?: VendorProduct;
  readonly products?: readonly VendorProduct[];
}
/** Of a write: the envelope (documented). */
export interface VendorWriteAnswer {
  readonly response_status: VendorStatus;
}

/** Names of `order_status`: 1 to 3 are seen; that 4 is a cancelled order is concluded from a refunded one. */
export const orderStatusCodes = { ordered: 1, produced: 2, shipped: 3, cancelled: 4 } as const;
export type VendorOrderStatus = (typeof orderStatusCodes)[keyof typeof orderStatusCodes];

/** Billing, shipping, raised_by (documented with PO's raised_by; seen on orders). */
export interface VendorContact {
  readonly user_id: number;
  readonly email: string;
  readonly firstname: string;
  readonly lastname: string;
  readonly country_code: string;
  readonly state: string;
  readonly city: string;
  readonly street: string;
  readonly postcode: string;
  readonly company: string;
  readonly company_id: number | null;
  readonly salutation: string | null;
  readonly ph_number: string;
  readonly custom_fields: readonly { readonly caption: string; readonly value: string }[];
}

export interface VendorOrder {
  /** The invoice number and the only id of an order: a string (documented). */
  readonly order_id: string;
  readonly item_amount: VendorMoney;
  readonly shipping_amount: VendorMoney;
  readonly tax_amount: VendorMoney;
  readonly tax_names: string;
  /** `amount` may have four decimals where `tax_amount` has two (seen). */
  readonly taxes: readonly { readonly id: number; readonly name: string; readonly amount: VendorMoney }[];
  readonly discount_amount: VendorMoney;
  readonly coupon_discount_amount: VendorMoney;
  readonly gift_certificate_amount: VendorMoney;
  readonly credit_used: VendorMoney;
  readonly billable_amount: VendorMoney;
  readonly outstanding_balance: VendorMoney;
  readonly total_weight: number;
  /** 3 is an order made by staff (seen); the others are not known. */
  readonly source_type: number;
  readonly order_status: VendorOrderStatus;
  readonly job_name: string;
  readonly customer_id: number;
  readonly customer_po_number: string;
  readonly date_started: VendorDate | null;
  readonly date_ordered: VendorDate;
  readonly date_production_files_ready: VendorDate | null;
  readonly date_produced: VendorDate | null;
  readonly date_shipped: VendorDate | null;
  readonly date_invoiced: VendorDate | null;
  readonly date_modified: VendorDate;
  readonly date_due: VendorDate | null;
  readonly date_scheduled: VendorDate | null;
  readonly rush_order_fee: string;
  readonly rush_order_fee_amount: VendorMoney;
  readonly account_terms: string;
  readonly is_priority: boolean;
  readonly shipping_method: { readonly id: number; readonly name: string } | null;
  readonly billing_details: VendorContact;
  /** Absent when the customer fetches the goods (seen: integrations fall back to billing). */
  readonly shipping_details?: VendorContact;
  readonly store: { readonly id: number; readonly name: string; readonly domain: string };
  readonly assigned_to: VendorStaff | null;
  readonly created_by: VendorStaff | null;
  /** Each link's query logs its reader in (`?user[id]=…&key=…`, seen); without when `skip_login_token=1` (seen). */
  readonly quote_pdf_url: string;
  readonly production_pdf_url: string;
  readonly order_proof_pdf_url: string;
  readonly payments: readonly VendorPayment[];
  readonly payment_details: { readonly payment_type_id: number; readonly payment_type_name: string } | null;
  readonly refunds: readonly {
    readonly id: number;
    readonly date_refunded: VendorDate;
    readonly refunded_amount: VendorMoney;
  }[];
  /** With `include_shipments=1` only (documented as an option). */
  readonly shipments?: readonly VendorShipment[];
  readonly order_lines: readonly VendorOrderLine[];
  readonly notes: readonly { readonly content: string }[];
}

export interface VendorStaff {
  readonly id: number;
  readonly login: string;
  readonly firstname: string;
  readonly lastname: string;
}
export interface VendorPayment {
  readonly id: number;
  readonly payment_id: number;
  readonly date_paid: VendorDate;
  readonly payment_method: string;
  readonly code: string;
  readonly billable_amount: VendorMoney;
  readonly refunded_amount: VendorMoney;
  readonly paid_amount: VendorMoney;
}
export interface VendorShipment {
  readonly id: number;
  readonly date: VendorDate;
  readonly tracking_number: string;
}

export interface VendorOrderLine {
  /** A string, though every other number's id is a number (seen). */
  readonly id: string;
  readonly qty: number;
  readonly unit_price: VendorMoney;
  readonly total_price: VendorMoney;
  readonly discount: VendorMoney;
  readonly tax: VendorMoney;
  readonly tax_names: string;
  /** As `order_status`, of the line (seen). */
  readonly production_status: number;
  readonly shipped_date: VendorDate | null;
  readonly product_id: number;
  readonly product_code: string;
  readonly product_name: string;
  readonly product_supplier_name: string;
  readonly product_color: { readonly id: number; readonly name: string };
  readonly unit_weight: number;
  readonly decoration_unit_price: VendorMoney;
  readonly attachment_urls: readonly string[];
  /** Sizes are the options of the field named `Size`; SKUs are here, not on the line (seen). */
  readonly fields: readonly VendorLineField[];
  readonly views: readonly VendorLineView[];
  /** With `include_workflow_data=1` only: what is left to produce and ship, one a size (seen). */
  readonly workflow_items?: readonly VendorWorkflowItem[];
}
export interface VendorLineField {
  readonly field_id: number;
  readonly field_name: string;
  readonly field_type: number;
  readonly string_value: string | null;
  readonly options: readonly VendorLineOption[];
}
export interface VendorLineOption {
  readonly option_id: number;
  readonly code: string;
  readonly name: string;
  readonly qty: number;
  readonly price: VendorMoney;
  readonly cost: VendorMoney;
  readonly sku: string;
  readonly vendor_sku: string;
  /** `<product id>_<sku id>`: the key of an inventory (documented). */
  readonly dn_sku_id: string;
  readonly sub_options: readonly unknown[];
}
export interface VendorLineView {
  readonly view_id: number;
  readonly view_name: string;
  readonly production_files_ready: boolean;
  readonly thumbnail: string;
  readonly areas: readonly {
    readonly area_id: number;
    readonly area_name: string;
    readonly proof_url: string;
    readonly processes: readonly {
      /** `DTF`, `Screen Print`, `Embroidery` … (seen). */
      readonly process: string;
      readonly production_file_url: string;
    }[];
  }[];
}
export interface VendorWorkflowItem {
  /** Named as `update_order_status` names it (documented); its place here is ours. */
  readonly id: number;
  readonly option_id: number;
  readonly vendor_sku: string;
  readonly qty_to_fulfill: number;
  readonly procurement_status: number;
  readonly production_status: number;
  readonly shipping_status: number;
}

/** `sizes` × `colors` are in `skus` (seen). */
export interface VendorProduct {
  readonly product_id: number;
  readonly product_code: string;
  readonly product_name: string;
  readonly supplier: string;
  readonly brand: string;
  readonly is_active: boolean;
  readonly date_modified: VendorDate;
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly sizes: readonly { readonly id: number; readonly name: string; readonly code: string }[];
  readonly colors: readonly { readonly id: number; readonly name: string }[];
  readonly skus: readonly VendorSku[];
}
export interface VendorSku {
  readonly size_id: number;
  readonly color_id: number;
  readonly price: VendorMoney;
  readonly cost: VendorMoney;
  readonly sku: string;
  readonly dn_sku_id: string;
}

/** Documented field by field; `product_id` is a string here and a number on products and lines. */
export interface VendorInventory {
  readonly product_id: string;
  readonly product_code: string;
  readonly product_name: string;
  readonly supplier: string;
  readonly sku: string;
  readonly vendor_sku: string;
  readonly dn_sku_id: string;
  readonly dn_vsku_id: string;
  readonly product_size: {
    readonly option_id: number;
    readonly name: string;
    readonly code: string;
    readonly sub_sizes: readonly unknown[];
  };
  readonly product_color: { readonly id: number; readonly name: string };
  readonly inv_on: boolean;
  readonly inv_lvl: number;
  readonly inv_warn: number;
  readonly inv_reorder_to: number;
  readonly inv_on_order_po: number;
  readonly inv_on_order_stk: number;
  readonly inv_on_order_total: number;
  readonly inv_last_modified: VendorDate;
}

/** 4 and its words are documented; the others follow the names in the vendor's help, their numbers are ours. */
export const purchaseOrderStatuses = {
  1: 'Draft',
  2: 'Sent',
  3: 'Confirmed',
  4: 'Partially Received',
  5: 'Received',
  6: 'Cancelled',
} as const;
export type VendorPurchaseOrderStatus = keyof typeof purchaseOrderStatuses;

/** Documented; of `lines` only that they are there with ordered and received quantities, so their names are ours. */
export interface VendorPurchaseOrder {
  readonly po_number: string;
  readonly vendor: string;
  readonly vendor_details: {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly purchase_order_email: string;
    readonly address: string;
  };
  readonly vendor_invoice: string;
  readonly vendor_tracking_number: string;
  readonly status: VendorPurchaseOrderStatus;
  readonly status_description: string;
  readonly reference: string;
  readonly date_raised: VendorDate;
  readonly date_modified: VendorDate;
  readonly date_delivery: VendorDate | null;
  readonly raised_by: VendorContact;
  readonly attention: string;
  readonly notes: string;
  readonly qty_ordered: number;
  readonly qty_received: number;
  readonly sub_total: VendorMoney;
  readonly shipping: VendorMoney;
  readonly tax: VendorMoney;
  readonly total: VendorMoney;
  readonly live_order: boolean;
  readonly live_order_status: string;
  readonly lines: readonly VendorPurchaseOrderLine[];
}
export interface VendorPurchaseOrderLine {
  readonly id: number;
  readonly product_id: number;
  readonly product_code: string;
  readonly product_name: string;
  readonly sku: string;
  readonly vendor_sku: string;
  readonly dn_sku_id: string;
  readonly qty_ordered: number;
  readonly qty_received: number;
  readonly unit_cost: VendorMoney;
  readonly total_cost: VendorMoney;
}
