/** What a number in `field` stands for; `date` fields compare `date1` (and `date2`), the others `string`. */
export interface SearchField {
  readonly name: string;
  readonly kind: 'date' | 'text';
}
export type SearchFields = Readonly<Record<number, SearchField>>;

const date = (name: string): SearchField => ({ name, kind: 'date' });
const text = (name: string): SearchField => ({ name, kind: 'text' });

/**
 * Of orders. 1 to 3 are documented, 4 is seen. Documents of different years disagree on 6 and 7: this is one reading
 * (`a`) and the other (`b`). That 5 is the date of shipping is ours.
 */
const orderFields = (six: string, seven: string): SearchFields => ({
  1: date('date_ordered'),
  2: date('date_production_files_ready'),
  3: text('order_id'),
  4: text('order_status'),
  5: date('date_shipped'),
  6: date(six),
  7: date(seven),
});

export const orderFieldMaps = {
  a: orderFields('date_modified', 'date_due'),
  b: orderFields('date_due', 'date_modified'),
} as const;
export type FieldMapName = keyof typeof orderFieldMaps;

/** Documented (products: seen). */
export const productFields: SearchFields = {
  1: text('product_code'),
  2: text('product_name'),
  3: text('supplier'),
  4: text('product_id'),
  5: date('date_modified'),
};

/** Documented. 6 compares `dn_sku_id`; 7 takes 1 and 0, and == and != only. */
export const inventoryFields: SearchFields = {
  1: text('product_code'),
  2: text('product_name'),
  3: text('supplier'),
  4: text('product_id'),
  5: date('inv_last_modified'),
  6: text('dn_sku_id'),
  7: text('inv_on'),
};

/** In the order of the vendor's help page; 1 is documented, too. */
export const purchaseOrderFields: SearchFields = {
  1: date('date_raised'),
  2: date('date_delivery'),
  3: date('date_modified'),
  4: text('po_number'),
  5: text('status'),
};
