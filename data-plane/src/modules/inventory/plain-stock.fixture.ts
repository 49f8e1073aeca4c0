/** Stock in whole pieces, a sentence at a time: what the sheet should come to, sharing nothing with it. */
export interface PlainOrder {
  readonly id: string;
  readonly due: string | null;
  readonly made: number;
  status: 'confirmed' | 'in_production' | 'cancelled';
  /** By variant. */
  readonly open: Map<string, number>;
  /** By variant and place. */
  readonly promised: Map<string, number>;
  readonly taken: Map<string, number>;
}

const at = (variant: string, place: string) => `${variant} ${place}`;
const more = (map: Map<string, number>, key: string, pieces: number) => map.set(key, (map.get(key) ?? 0) + pieces);

export class PlainStock {
  /** By variant and place. */
  readonly onHand = new Map<string, number>();
  readonly orders: PlainOrder[] = [];
  private readonly places: readonly string[];

  /** @param places in the order in which orders take from them */
  constructor(places: readonly string[]) {
    this.places = places;
  }

  private get served(): PlainOrder[] {
    const day = ({ due }: PlainOrder) => due ?? '9999';
    return this.orders
      .filter(({ status }) => status !== 'cancelled')
      .sort((a, b) => (day(a) === day(b) ? a.made - b.made : day(a) < day(b) ? -1 : 1));
  }

  has(variant: string, place: string): number {
    return this.onHand.get(at(variant, place)) ?? 0;
  }

  reserved(variant: string, place: string): number {
    return this.served.reduce((sum, { promised }) => sum + (promised.get(at(variant, place)) ?? 0), 0);
  }

  private promisedTo(order: PlainOrder, variant: string): number {
    return this.places.reduce((sum, place) => sum + (order.promised.get(at(variant, place)) ?? 0), 0);
  }

  short(order: PlainOrder, variant: string): number {
    return (order.open.get(variant) ?? 0) - this.promisedTo(order, variant);
  }

  isShort(order: PlainOrder): boolean {
    return [...order.open.keys()].some((variant) => this.short(order, variant) > 0);
  }

  private serve(orders: readonly PlainOrder[]): void {
    for (const order of orders) {
      for (const variant of order.open.keys()) {
        for (const place of this.places) {
          const free = this.has(variant, place) - this.reserved(variant, place);
          const pieces = Math.min(free, this.short(order, variant));
          if (pieces > 0) more(order.promised, at(variant, place), pieces);
        }
      }
    }
  }

  confirm(id: string, due: string | null, pieces: ReadonlyMap<string, number>): void {
    const made = this.orders.length;
    const order: PlainOrder = {
      id,
      due,
      made,
      status: 'confirmed',
      open: new Map(pieces),
      promised: new Map(),
      taken: new Map(),
    };
    this.orders.push(order);
    this.serve([order]);
  }

  start(order: PlainOrder): void {
    order.status = 'in_production';
    for (const [key, pieces] of order.promised) {
      const [variant = ''] = key.split(' ');
      more(this.onHand, key, -pieces);
      more(order.open, variant, -pieces);
      more(order.taken, key, pieces);
    }
    order.promised.clear();
  }

  cancel(order: PlainOrder, gives: boolean): void {
    order.status = 'cancelled';
    order.open.clear();
    order.promised.clear();
    if (gives) for (const [key, pieces] of order.taken) more(this.onHand, key, pieces);
    this.serve(this.served);
  }

  /** false: it cannot be. */
  count(variant: string, place: string, pieces: number): boolean {
    if (pieces < 0) return false;
    this.onHand.set(at(variant, place), pieces);
    let excess = this.reserved(variant, place) - pieces;
    for (const { promised } of this.served.toReversed()) {
      const freed = Math.max(0, Math.min(excess, promised.get(at(variant, place)) ?? 0));
      more(promised, at(variant, place), -freed);
      excess -= freed;
    }
    this.serve(this.served);
    return true;
  }

  move(variant: string, from: string, to: string, pieces: number): boolean {
    if (this.has(variant, from) - this.reserved(variant, from) < pieces) return false;
    more(this.onHand, at(variant, from), -pieces);
    more(this.onHand, at(variant, to), pieces);
    this.serve(this.served);
    return true;
  }
}
