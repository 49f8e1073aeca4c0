/** GTIN-8, -12, -13 or -14: the last digit makes the sum, weighted 3 and 1 from the right, a multiple of ten (GS1). */
export function isGtin(text: string): boolean {
  if (!/^(?:\d{8}|\d{12,14})$/.test(text)) return false;
  let sum = 0;
  for (let i = 1; i <= text.length; i += 1) sum += Number(text.at(-i)) * (i % 2 === 0 ? 3 : 1);
  return sum % 10 === 0;
}
