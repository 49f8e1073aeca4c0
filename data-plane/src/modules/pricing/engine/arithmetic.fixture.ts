import { Decimal } from 'decimal.js';

/** One line of arithmetic as a person writes it: `what it is: 144 × 7.10 = 1022.40`, with `→` half up or `↑` up. */
export interface Figure {
  readonly label: string;
  readonly value: Decimal;
}

/** Reads and checks a table of arithmetic; throws where a line does not come out. */
export function readFigures(table: string): Figure[] {
  return table
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(readFigure);
}

function readFigure(line: string): Figure {
  const [, label, expression, exact, arrow, rounded] =
    /^([^:]+): (.+?) = (-?[\d.]+)(?: ([→↑]) (-?[\d.]+))?$/u.exec(line) ?? [];
  if (label === undefined || expression === undefined || exact === undefined)
    throw new Error(`not arithmetic: ${line}`);
  const value = evaluate(expression);
  // Written out as far as it is needed: a division may go on for ever.
  const shown = new Decimal(exact);
  const matches = rounded === undefined ? value.equals(shown) : shown.minus(value).abs().lessThan('0.0001');
  if (!matches) throw new Error(`${line}: comes to ${value}`);
  if (rounded === undefined) return { label, value };
  const mode = arrow === '→' ? Decimal.ROUND_HALF_UP : Decimal.ROUND_UP;
  const places = rounded.split('.')[1]?.length ?? 0;
  if (!value.toDecimalPlaces(places, mode).equals(rounded)) throw new Error(`${line}: rounds to ${value}`);
  return { label, value: new Decimal(rounded) };
}

/** Sums of products of numbers and sums in parentheses; `%` is a hundredth. */
function evaluate(text: string): Decimal {
  const tokens = text.match(/\d+(?:\.\d+)?%?|[()+×÷-]/gu) ?? [];
  if (tokens.join('') !== text.replaceAll(' ', '')) throw new Error(`not an expression: ${text}`);
  let at = 0;
  const sum = (): Decimal => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-') {
      const sign = tokens[at++];
      value = sign === '+' ? value.plus(product()) : value.minus(product());
    }
    return value;
  };
  const product = (): Decimal => {
    let value = operand();
    while (tokens[at] === '×' || tokens[at] === '÷') {
      const sign = tokens[at++];
      value = sign === '×' ? value.times(operand()) : value.div(operand());
    }
    return value;
  };
  const operand = (): Decimal => {
    const token = tokens[at++] ?? '';
    if (token !== '(') return token.endsWith('%') ? new Decimal(token.slice(0, -1)).div(100) : new Decimal(token);
    const value = sum();
    at += 1;
    return value;
  };
  const value = sum();
  if (at !== tokens.length) throw new Error(`not an expression: ${text}`);
  return value;
}
