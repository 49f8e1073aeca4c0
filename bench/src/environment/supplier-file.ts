const colours = ['Black', 'White', 'Navy', 'Red', 'Royal Blue'] as const;
const sizes = ['S', 'M', 'L', 'XL', '2XL'] as const;
const variantsPerStyle = colours.length * sizes.length;
const rowsPerPiece = 500;

export interface FilePart {
  /** Of the styles' codes: files of different series have no row in common. */
  readonly series: string;
  readonly rows: number;
  readonly cents: number;
}

/** A file as a supplier of garments publishes it, 25 variants to a style, some 150 bytes a row. */
export function* supplierFile({ series, rows, cents }: FilePart): Generator<string, void> {
  yield 'Style Number,Brand Name,Product Title,Description,Color Name,Size,Piece Price,UPC,SKU,Weight (lb),Category\r\n';
  for (let from = 0; from < rows; from += rowsPerPiece) {
    const piece = Array.from({ length: Math.min(rowsPerPiece, rows - from) }, (_, i) => row(series, from + i, cents));
    yield piece.join('');
  }
}

function row(series: string, n: number, cents: number): string {
  const style = `${series}${String(Math.floor(n / variantsPerStyle)).padStart(5, '0')}`;
  const colour = colours[Math.floor(n / sizes.length) % colours.length] ?? '';
  const size = sizes[n % sizes.length] ?? '';
  const price = ((cents + (n % 700)) / 100).toFixed(2);
  const sku = `${style}-${colour.slice(0, 3)}-${size}`;
  return `${style},Gildan,"Heavy Cotton Tee, ${style}",5.3 oz. pre-shrunk cotton,${colour},${size},${price},${gtinOf(n)},${sku},0.${36 + (n % 5)},T-Shirts\r\n`;
}

/** With its check digit: weights 3 and 1 from the right. */
function gtinOf(n: number): string {
  const digits = `0400${String(n).padStart(9, '0')}`;
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) sum += Number(digits[i]) * (i % 2 === 0 ? 3 : 1);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
