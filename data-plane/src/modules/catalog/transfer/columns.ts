import type { catalogColumns } from '@platen/schema/contracts/data/catalog-transfer';

export type Column = (typeof catalogColumns)[number];
export type WeightUnit = 'g' | 'kg' | 'oz' | 'lb';

/**
 * How suppliers of garments call the columns of their files, folded by `foldHeader`. Of two columns of one meaning, the
 * one whose name stands earlier here counts: `Piece Price` is what a shop pays for one, `Case Price` for a whole case.
 */
const names: Readonly<Record<Column, readonly string[]>> = {
  style: [
    'style',
    'stylecode',
    'stylenumber',
    'styleno',
    'styleid',
    'productcode',
    'itemnumber',
    'itemcode',
    'articlenumber',
    'articleno',
    'article',
    'artikelnummer',
    'artikelnr',
    'modell',
    'model',
    'productid',
  ],
  name: [
    'name',
    'title',
    'producttitle',
    'productname',
    'stylename',
    'itemname',
    'bezeichnung',
    'artikelbezeichnung',
    'artikelname',
  ],
  brand: ['brand', 'brandname', 'mill', 'millname', 'manufacturer', 'marke', 'hersteller'],
  description: [
    'description',
    'productdescription',
    'longdescription',
    'fulldescription',
    'beschreibung',
    'artikelbeschreibung',
  ],
  category: ['category', 'categoryname', 'categorycode', 'basecategory', 'productcategory', 'kategorie', 'warengruppe'],
  product_status: ['productstatus'],
  kind: ['kind', 'productkind'],
  tax_class: ['taxclass', 'steuerklasse'],
  sku: ['sku', 'skuid', 'variantsku', 'itemsku', 'uniquekey', 'inventorykey', 'partid', 'stockcode'],
  gtin: ['gtin', 'gtin13', 'gtin14', 'ean', 'ean13', 'eancode', 'upc', 'upccode', 'barcode'],
  colour: ['colour', 'color', 'colourname', 'colorname', 'farbe', 'farbname', 'couleur'],
  size: ['size', 'sizename', 'grosse', 'groesse', 'taille'],
  options: ['options'],
  price: [
    'price',
    'retailprice',
    'suggestedprice',
    'msrp',
    'rrp',
    'listprice',
    'saleprice',
    'uvp',
    'verkaufspreis',
    'vk',
  ],
  cost: [
    'cost',
    'piececost',
    'pieceprice',
    'unitcost',
    'customerprice',
    'yourprice',
    'netprice',
    'wholesaleprice',
    'purchaseprice',
    'einkaufspreis',
    'ek',
    'nettopreis',
    'dozenprice',
    'caseprice',
  ],
  currency: ['currency', 'currencycode', 'waehrung', 'wahrung'],
  weight_g: ['weightg', 'weight', 'unitweight', 'pieceweight', 'grams', 'gewicht'],
  status: ['status', 'variantstatus'],
};
/** Prices for more than one piece: understood to be reported, never taken for the price of one. */
const notForOne = new Set(['dozenprice', 'caseprice']);
const units: Readonly<Record<string, WeightUnit>> = {
  g: 'g',
  gram: 'g',
  grams: 'g',
  kg: 'kg',
  oz: 'oz',
  lb: 'lb',
  lbs: 'lb',
};

/** Lower case, letters and digits only, accents away. */
const foldHeader = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^\p{L}\p{N}]/gu, '');

export interface Header {
  /** Column → its place in a record. */
  readonly places: ReadonlyMap<Column, number>;
  /** Column → what the file calls it. */
  readonly columns: Readonly<Partial<Record<Column, string>>>;
  readonly unknown: readonly string[];
  readonly weightUnit: WeightUnit | null;
  readonly width: number;
}

const columns = Object.keys(names) as Column[];
const meanings = new Map(
  columns.flatMap((column) =>
    names[column].filter((name) => !notForOne.has(name)).map((name, rank) => [name, { column, rank }] as const),
  ),
);

export function matchHeader(cells: readonly string[]): Header {
  const best = new Map<Column, { place: number; rank: number }>();
  let weightUnit: WeightUnit | null = null;
  for (const [place, cell] of cells.entries()) {
    const { name, unit } = splitUnit(cell);
    const meaning = meanings.get(name);
    if (meaning === undefined || (best.get(meaning.column)?.rank ?? Number.POSITIVE_INFINITY) <= meaning.rank) continue;
    best.set(meaning.column, { place, rank: meaning.rank });
    if (meaning.column === 'weight_g') weightUnit = unit;
  }
  const places = new Map([...best].map(([column, { place }]) => [column, place]));
  const taken = new Set(places.values());
  return {
    places,
    columns: Object.fromEntries([...places].map(([column, place]) => [column, (cells[place] ?? '').slice(0, 200)])),
    unknown: cells.filter((cell, place) => cell.trim() !== '' && !taken.has(place)).map((cell) => cell.slice(0, 200)),
    weightUnit,
    width: cells.length,
  };
}

/** `Weight (lb)`, `weight_kg` and `Grams` name their unit. */
function splitUnit(cell: string): { name: string; unit: WeightUnit | null } {
  const whole = foldHeader(cell);
  const match = /^(weight|unitweight|pieceweight|gewicht)(grams?|kg|g|oz|lbs?)$/.exec(whole);
  if (match !== null) return { name: 'weight', unit: units[match[2] ?? ''] ?? null };
  return { name: whole, unit: whole === 'grams' ? 'g' : null };
}
