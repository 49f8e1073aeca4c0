import { type AnswerBody, cents, wrong } from './plan.js';
import { type Job, jobScrapped, sizesOf, sum } from './state.js';
import type { Model } from './step.js';
import { available, onHand, reserved, shortOf, sourcesOf } from './stock.js';
import { strangers } from './users.js';
import type { Call, Shop, User } from './world.js';

/** Everything that the lists answer, page by page. */
async function readAll(call: Call, url: string): Promise<AnswerBody[]> {
  const items: AnswerBody[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body, text } = await call('GET', `/api/erp${url}?limit=50${after}`);
    if (status !== 200) throw new Error(`${url}: ${text}`);
    items.push(...body.items);
    cursor = body.next_cursor;
  }
  return items;
}
const byId = <T extends { readonly id: string }>(rows: readonly T[]): T[] =>
  rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** The API's answers against the model: as the owner in full, for others which documents they see, for strangers none. */
export async function compareReads(shop: Shop, model: Model): Promise<string[]> {
  const [owner] = shop.users;
  if (!owner) throw new Error('nobody');
  const faults = [
    await compareOrders(owner, model),
    await compareStock(owner, model),
    await comparePurchases(owner, model),
    await compareBoard(owner, model),
    ...(await Promise.all(shop.users.map((user) => compareSight(user, model)))),
  ];
  for (const name of strangers) {
    for (const url of ['/orders', '/purchase-orders', '/production/jobs', '/stock/moves', '/stock/levels']) {
      const items = await readAll(shop.strangers[name], url);
      if (items.length > 0) faults.push(`${name} sees ${items.length} of ${url}`);
    }
  }
  return faults.filter((fault) => fault !== undefined);
}

async function compareOrders({ call }: User, { state }: Model): Promise<string | undefined> {
  const listed = byId(await readAll(call, '/orders'));
  const mismatch = wrong(
    'orders',
    byId(state.orders).map((o) => [o.id, o.status, o.paymentStatus, o.number, o.version, o.total, o.due]),
    listed.map((o) => [o.id, o.status, o.payment_status, o.number, o.version, cents(o.total), o.due_on]),
  );
  if (mismatch) return mismatch;
  for (const order of state.orders.slice(-3)) {
    const payments = await readAll(call, `/orders/${order.id}/payments`);
    const paid = sum(payments.map(({ kind, amount }) => (kind === 'payment' ? 1 : -1) * cents(amount)));
    const { body } = await call('GET', `/api/erp/orders/${order.id}`);
    const lines = body.lines.map((line: AnswerBody) => [line.id, line.sizes.map((s: AnswerBody) => s.quantity)]);
    const fault =
      wrong(`payments of ${order.number}`, order.paid, paid) ??
      wrong(
        `lines of ${order.number}`,
        order.lines.map(({ id, sizes }) => [id, sizes.map(({ quantity }) => quantity)]),
        lines,
      );
    if (fault) return fault;
  }
  return undefined;
}

async function compareStock({ call }: User, { state, masters }: Model): Promise<string | undefined> {
  const levels = await readAll(call, '/stock/levels');
  for (const { id: location } of masters.locations) {
    for (const { id: variant } of masters.variants) {
      const level = levels.find((each) => each.location_id === location && each.variant_id === variant);
      const fault = wrong(
        `level of ${variant} at ${location}`,
        [onHand(state, variant, location), reserved(state, variant, location)],
        [Number(level?.on_hand ?? 0), Number(level?.reserved ?? 0)],
      );
      if (fault) return fault;
    }
  }
  const shortages = await readAll(call, '/stock/shortages');
  const short = (variant: string) =>
    sum(
      state.orders
        .flatMap(sizesOf)
        .filter((size) => size.variant === variant)
        .map(shortOf),
    );
  const missing = masters.variants.filter(({ id }) => short(id) > 0).map(({ id }) => ({ id, short: short(id) }));
  const fault = wrong(
    'shortages',
    byId(missing).map(({ id, short: quantity }) => [id, quantity]),
    byId(shortages.map(({ variant_id: id, short: quantity }) => ({ id, quantity: Number(quantity) }))).map(
      ({ id, quantity }) => [id, quantity],
    ),
  );
  if (fault) return fault;
  const { status, text, body } = await call('GET', '/api/erp/stock/check');
  if (status !== 200) return `the check answers ${text}`;
  const isFree = state.orders.some((order) =>
    sizesOf(order).some(
      (size) => shortOf(size) > 0 && sourcesOf(masters, order).some(({ id }) => available(state, size.variant, id) > 0),
    ),
  );
  const kinds: string[] = [...new Set<string>(body.differences.map(({ kind }: AnswerBody) => kind))];
  return wrong('what the check finds', isFree ? ['unreserved'] : [], kinds);
}

async function comparePurchases({ call }: User, { state }: Model): Promise<string | undefined> {
  return wrong(
    'purchase orders',
    byId(state.purchases).map((p) => [p.id, p.status, p.number, p.version, p.total, p.location]),
    byId(await readAll(call, '/purchase-orders')).map((p) => [
      p.id,
      p.status,
      p.number,
      p.version,
      cents(p.total),
      p.location_id,
    ]),
  );
}

async function compareBoard({ call }: User, { state, masters }: Model): Promise<string | undefined> {
  const { status, body, text } = await call('GET', '/api/erp/production/board');
  if (status !== 200) return `the board answers ${text}`;
  const shortOfLine = new Map(
    state.orders.flatMap(({ lines }) => lines.map(({ id, sizes }) => [id, sum(sizes.map(shortOf))])),
  );
  // The blanks of a reprint were taken when it was made.
  const blanksMissing = (job: Job) => (job.reprintOf === null ? shortOfLine.get(job.line) : 0);
  const cards = (stage: string) =>
    (state.board[stage] ?? []).flatMap((id) => {
      const job = state.jobs.find((each) => each.id === id);
      return job ? [[id, job.number, job.version, job.done, jobScrapped(job), blanksMissing(job)]] : [];
    });
  return wrong(
    'board',
    masters.stages.map(({ id }) => [id, cards(id)]),
    body.stages.map((stage: AnswerBody) => [
      stage.id,
      stage.cards.map((card: AnswerBody) => [
        card.id,
        card.number,
        card.version,
        card.quantity_done,
        card.quantity_scrapped,
        card.blanks.short,
      ]),
    ]),
  );
}

/** One's own workspace's documents and the organization's, no others; where one may read them at all. */
async function compareSight(user: User, { state }: Model): Promise<string | undefined> {
  const seen = (rows: readonly { readonly id: string; readonly workspace: string | null }[]) =>
    rows
      .filter(({ workspace }) => user.workspace === null || workspace === null || workspace === user.workspace)
      .map(({ id }) => id)
      .sort();
  for (const [url, rows] of [
    ['/orders', state.orders],
    ['/purchase-orders', state.purchases],
    ['/production/jobs', state.jobs],
  ] as const) {
    const ids = (await readAll(user.call, url)).map(({ id }) => id).sort();
    const fault = wrong(`${user.name} sees of ${url}`, seen(rows), ids);
    if (fault) return fault;
  }
  return undefined;
}
