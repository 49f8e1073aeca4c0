/**
 * JSON as PostgreSQL writes a `jsonb`: the hash of an audit event is over that text, and an auditor must be able to make
 * it without the database. Keys in order of their length in bytes, then of their bytes, the last of equal ones kept; `, `
 * and `: ` between; numbers in full, their trailing zeros kept.
 */
export function toJsonbText(json: string): string {
  const reader = new Reader(json);
  const text = reader.value();
  reader.end();
  return text;
}

/** The members of an object, each as `toJsonbText` would write it. */
export function readMembers(json: string): Map<string, string> {
  const reader = new Reader(json);
  const members = reader.members();
  reader.end();
  return members;
}

const tokens =
  /[ \t\n\r]*(?:([{}[\],:]|true|false|null)|("(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?))/uy;

/** JSON.parse would do, were it not for numbers: it makes doubles of them. */
class Reader {
  readonly #json: string;
  #at = 0;
  #depth = 0;

  constructor(json: string) {
    this.#json = json;
  }

  value(): string {
    const [, sign, text, number] = this.#next();
    if (text !== undefined) return JSON.stringify(JSON.parse(text));
    if (number !== undefined) return numberText(number);
    if (sign === '{') return objectText(this.#members());
    if (sign === '[') return `[${this.#items().join(', ')}]`;
    if (sign === 'true' || sign === 'false' || sign === 'null') return sign;
    throw this.#fault();
  }

  members(): Map<string, string> {
    if (this.#next()[1] !== '{') throw this.#fault();
    return this.#members();
  }

  end(): void {
    if (this.#json.slice(this.#at).trim() !== '') throw this.#fault();
  }

  /** After the opening brace. */
  #members(): Map<string, string> {
    const members = new Map<string, string>();
    this.#enter();
    if (this.#skip('}')) return members;
    for (;;) {
      const [, , name] = this.#next();
      if (name === undefined || this.#next()[1] !== ':') throw this.#fault();
      members.set(JSON.parse(name) as string, this.value());
      const [, sign] = this.#next();
      if (sign === '}') break;
      if (sign !== ',') throw this.#fault();
    }
    this.#depth -= 1;
    return members;
  }

  #items(): string[] {
    const items: string[] = [];
    this.#enter();
    if (this.#skip(']')) return items;
    for (;;) {
      items.push(this.value());
      const [, sign] = this.#next();
      if (sign === ']') break;
      if (sign !== ',') throw this.#fault();
    }
    this.#depth -= 1;
    return items;
  }

  #next(): RegExpExecArray {
    tokens.lastIndex = this.#at;
    const found = tokens.exec(this.#json);
    if (found === null) throw this.#fault();
    this.#at = tokens.lastIndex;
    return found;
  }

  #skip(sign: string): boolean {
    const before = this.#at;
    if (this.#next()[1] === sign) {
      this.#depth -= 1;
      return true;
    }
    this.#at = before;
    return false;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw this.#fault();
  }

  #fault(): Error {
    return new SyntaxError(`Not JSON at ${this.#at}`);
  }
}

/** Far more than a document of the API has; a file made to exhaust the stack ends here. */
const maxDepth = 1_000;

const objectText = (members: ReadonlyMap<string, string>): string =>
  `{${[...members]
    .map(([name, text]) => ({ bytes: Buffer.from(name), text: `${JSON.stringify(name)}: ${text}` }))
    .sort((a, b) => a.bytes.length - b.bytes.length || a.bytes.compare(b.bytes))
    .map(({ text }) => text)
    .join(', ')}}`;

/** The digits of a `numeric`: no exponent, as many places as were written. */
function numberText(json: string): string {
  const [, sign = '', whole = '', places = '', power = '0'] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(json) ?? [];
  const exponent = Number(power);
  // What a numeric cannot hold was never in the database.
  if (Math.abs(exponent) > 20_000) throw new SyntaxError('Not a number of the database');
  const digits = whole + places;
  const point = whole.length + exponent;
  const before =
    digits
      .slice(0, Math.max(0, point))
      .padEnd(Math.max(0, point), '0')
      .replace(/^0+(?=.)/, '') || '0';
  const after = point < 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  const isZero = !/[1-9]/.test(digits);
  return `${isZero ? '' : sign}${before}${after === '' ? '' : `.${after}`}`;
}
