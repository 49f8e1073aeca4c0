import { type Random, seedId } from './random.js';

export interface SeedVariant {
  readonly id: string;
  readonly sku: string;
  readonly options: Readonly<Record<string, string>>;
  readonly cost: string;
  readonly priceDelta: string;
  readonly weightG: number;
}
export interface SeedProduct {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly categoryId: string;
  readonly kind: 'blank' | 'service';
  readonly basePrice: string;
  readonly sized: boolean;
  readonly variants: readonly SeedVariant[];
}
export interface SeedCategory {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly position: number;
}
export interface SeedCatalogue {
  readonly categories: readonly SeedCategory[];
  readonly products: readonly SeedProduct[];
}

/** Category, its garments, base price in cents of the first, grams, sized or one size. */
const families: readonly (readonly [string, readonly string[], number, number, boolean])[] = [
  [
    'T-shirts',
    ['Classic Tee', 'Heavy Tee', 'Organic Tee', 'Slim Tee', 'Long Sleeve Tee', 'V-Neck Tee'],
    420,
    180,
    true,
  ],
  ['Polos', ['Pique Polo', 'Sport Polo', 'Heavy Polo', 'Slim Polo', 'Long Sleeve Polo'], 990, 220, true],
  ['Hoodies', ['Classic Hoodie', 'Zip Hoodie', 'Heavy Hoodie', 'Organic Hoodie', 'Sleeveless Hoodie'], 1690, 420, true],
  ['Sweatshirts', ['Crew Sweatshirt', 'Raglan Sweatshirt', 'Heavy Sweatshirt', 'Half-Zip Sweatshirt'], 1390, 380, true],
  ['Workwear', ['Work Tee', 'Work Polo', 'Softshell Vest', 'Softshell Jacket', 'Work Shirt'], 1290, 400, true],
  ['Sports', ['Running Tee', 'Running Singlet', 'Team Jersey', 'Training Jacket', 'Team Shorts'], 790, 150, true],
  ['Headwear', ['Snapback Cap', 'Trucker Cap', 'Dad Cap', 'Beanie', 'Bucket Hat'], 560, 90, false],
  ['Bags', ['Cotton Tote', 'Heavy Tote', 'Gym Sack', 'Backpack', 'Apron'], 240, 140, false],
];
const sizes = ['XS', 'S', 'M', 'L', 'XL', '2XL', '3XL', '4XL'];
const colours = ['Black', 'White', 'Navy', 'Heather Grey', 'Red', 'Forest', 'Royal', 'Sand'] as const;

const cents = (amount: number): string => (amount / 100).toFixed(4);
const codeOf = (name: string): string => name.toLowerCase().replaceAll(' ', '-');

export function makeCatalogue(owner: string, random: Random, atMs: number): SeedCatalogue {
  const categories: SeedCategory[] = [];
  const products: SeedProduct[] = [];
  for (const [family, names, price, grams, sized] of families) {
    const category = { id: seedId(`${owner}/category/${family}`, atMs), code: codeOf(family), name: family };
    categories.push({ ...category, position: categories.length });
    for (const [index, name] of names.entries()) {
      const basePrice = price + index * random.between(40, 220);
      const id = seedId(`${owner}/product/${name}`, atMs);
      const variants = makeVariants(owner, name, basePrice, grams, sized, random, atMs);
      const code = codeOf(name);
      products.push({
        id,
        code,
        name,
        categoryId: category.id,
        kind: 'blank',
        basePrice: cents(basePrice),
        sized,
        variants,
      });
    }
  }
  return { categories, products };
}

function makeVariants(
  owner: string,
  name: string,
  basePrice: number,
  grams: number,
  sized: boolean,
  random: Random,
  atMs: number,
): SeedVariant[] {
  const first = random.between(0, colours.length - 1);
  return [0, 1, 2, 3].flatMap((step) => {
    const colour = colours[(first + step) % colours.length] ?? 'Black';
    // Dyed garments cost a little more than white ones.
    const priceDelta = cents(colour === 'White' ? 0 : step === 3 ? 30 : 0);
    return (sized ? sizes : ['One Size']).map((size, index): SeedVariant => {
      const sku = `${codeOf(name)}-${codeOf(colour)}-${codeOf(size)}`;
      const weightG = grams + index * 8;
      const cost = cents(Math.round(basePrice * 0.52));
      return { id: seedId(`${owner}/variant/${sku}`, atMs), sku, options: { colour, size }, cost, priceDelta, weightG };
    });
  });
}
