import type { DnOrderRecord } from '@platen/schema/contracts/internal/deconetwork';
import { amountOf, countOf } from '../amounts.js';
import type { Line } from '../shapes.js';
import { nameOr, textOrNull } from './text.js';

type OrderLine = DnOrderRecord['lines'][number];

export function lineOf(line: Line): OrderLine {
  return {
    dn_id: line.id,
    product: {
      dn_id: line.product_id,
      code: textOrNull(line.product_code),
      name: nameOr(`Product ${line.product_id}`, line.product_name, line.product_code),
      colour: textOrNull(line.product_color?.name),
    },
    decorations: decorationsOf(line),
    quantity: countOf(line.qty),
    unit_price: amountOf(line.unit_price),
    line_total: amountOf(line.total_price),
    sizes: sizesOf(line),
  };
}

/** Sizes that were ordered: the options of the field of that name, not those of a name to be printed or a gift box. */
function sizesOf(line: Line): OrderLine['sizes'] {
  const fields = (line.fields ?? []).filter(({ field_name }) => /^sizes?$/i.test(field_name?.trim() ?? ''));
  return fields.flatMap(({ options }) =>
    (options ?? []).flatMap((option) => {
      const quantity = countOf(option.qty ?? '0');
      if (quantity === 0) return [];
      return {
        // Some products have no SKUs: the option is what tells their sizes apart.
        dn_id:
          textOrNull(option.dn_sku_id, 100) ??
          `${line.product_id}:${textOrNull(option.option_id) ?? textOrNull(option.code) ?? ''}`.slice(0, 100),
        sku: textOrNull(option.sku),
        vendor_sku: textOrNull(option.vendor_sku),
        size: textOrNull(option.name) ?? textOrNull(option.code),
        quantity,
        unit_price: amountOf(option.price ?? line.unit_price),
      };
    }),
  );
}

/** Each process at each place once, in the order of the views. */
function decorationsOf({ views }: Line): OrderLine['decorations'] {
  const all = (views ?? []).flatMap(({ view_name, areas }) =>
    (areas ?? []).flatMap(({ area_name, processes }) =>
      (processes ?? []).flatMap(({ process }) => {
        const name = textOrNull(process);
        return name === null ? [] : { process: name, location: textOrNull(view_name) ?? textOrNull(area_name) };
      }),
    ),
  );
  return [...new Map(all.map((each) => [JSON.stringify([each.process, each.location]), each])).values()];
}
