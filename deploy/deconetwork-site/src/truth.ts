import type { VendorOrderStatus, VendorPurchaseOrderStatus } from './shapes.js';

// What the site knows, exactly: money as decimal strings, times in RFC 3339 UTC. Its answers are made from this, with
// the vendor's floats and bare dates; a test compares with this.

/** UTC with milliseconds, which are always 000: the vendor knows whole seconds. */
export type Instant = string;
/** Exact: `"10.20"`. */
export type Amount = string;

export interface SiteCustomer {
  readonly id: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly company: string;
  readonly city: string;
}

export interface SiteSku {
  readonly dnSkuId: string;
  readonly sku: string;
  readonly vendorSku: string;
  readonly colour: { readonly id: number; readonly name: string };
  readonly size: { readonly id: number; readonly code: string; readonly name: string };
  readonly price: Amount;
  readonly cost: Amount;
}

export interface SiteProduct {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly supplier: string;
  readonly category: { readonly id: number; readonly name: string };
  readonly skus: readonly SiteSku[];
  readonly modifiedAt: Instant;
}

export interface SiteInventory {
  readonly product: SiteProduct;
  readonly sku: SiteSku;
  readonly on: boolean;
  readonly level: number;
  readonly warn: number;
  readonly reorderTo: number;
  readonly onOrderPo: number;
  readonly onOrderStock: number;
  readonly modifiedAt: Instant;
}

export interface SiteLineSize {
  /** The workflow item's id. */
  readonly id: number;
  readonly sku: SiteSku;
  readonly qty: number;
  readonly produced: number;
  readonly shipped: number;
}

export interface SiteOrderLine {
  readonly id: string;
  readonly product: SiteProduct;
  readonly colour: { readonly id: number; readonly name: string };
  readonly process: string;
  readonly decorationUnitPrice: Amount;
  /** Of all sizes together, without the discount: `totalPrice` is exact, a price a unit may have no end. */
  readonly totalPrice: Amount;
  readonly discount: Amount;
  readonly tax: Amount;
  readonly sizes: readonly SiteLineSize[];
}

export interface SiteOrder {
  readonly id: string;
  /** What its links are made of. */
  readonly number: number;
  readonly status: VendorOrderStatus;
  readonly jobName: string;
  readonly customer: SiteCustomer;
  readonly poNumber: string;
  readonly itemAmount: Amount;
  readonly shippingAmount: Amount;
  readonly taxAmount: Amount;
  /** Before it was rounded to `taxAmount`: up to four decimals. */
  readonly taxUnrounded: Amount;
  readonly discountAmount: Amount;
  readonly couponDiscountAmount: Amount;
  readonly giftCertificateAmount: Amount;
  readonly creditUsed: Amount;
  readonly rushFeeAmount: Amount;
  /** Items, shipping, tax and the rush fee, less discounts, coupon, gift certificate and credit. */
  readonly billableAmount: Amount;
  readonly outstandingBalance: Amount;
  readonly orderedAt: Instant;
  readonly filesReadyAt: Instant | null;
  readonly producedAt: Instant | null;
  readonly shippedAt: Instant | null;
  readonly invoicedAt: Instant | null;
  readonly modifiedAt: Instant;
  readonly dueAt: Instant;
  /** The customer fetches it: the answer has no shipping address. */
  readonly pickUp: boolean;
  readonly shippingCode: string;
  readonly note: string;
  readonly lines: readonly SiteOrderLine[];
}

export interface SitePurchaseOrderLine {
  readonly id: number;
  readonly product: SiteProduct;
  readonly sku: SiteSku;
  readonly ordered: number;
  readonly received: number;
}

export interface SitePurchaseOrder {
  readonly number: string;
  readonly supplier: string;
  readonly status: VendorPurchaseOrderStatus;
  readonly reference: string;
  readonly vendorInvoice: string;
  readonly raisedAt: Instant;
  readonly modifiedAt: Instant;
  readonly deliveryAt: Instant;
  readonly subTotal: Amount;
  readonly shipping: Amount;
  readonly total: Amount;
  readonly lines: readonly SitePurchaseOrderLine[];
}

/** What an order may be changed to; `modifiedAt` is the site's clock unless it is given. */
export type OrderPatch = Partial<Omit<SiteOrder, 'id' | 'number'>>;

/** Products and customers to fill a site with, where those that it makes up won't do. */
export interface CatalogueInput {
  readonly products: readonly {
    readonly code: string;
    readonly name: string;
    readonly supplier?: string;
    readonly skus: readonly {
      readonly sku: string;
      readonly colour: string;
      readonly size: string;
      readonly price: Amount;
      readonly cost: Amount;
    }[];
  }[];
  readonly customers: readonly {
    readonly email: string;
    readonly firstName: string;
    readonly lastName: string;
    readonly company: string;
  }[];
}
