import type { ErrorCode } from '@platen/schema/errors';
import { leftOf } from './jobs.js';
import { hashOf } from './masters.js';
import { type Action, type Dice, type Plan, pick, pickAble, wrong } from './plan.js';
import {
  type Dict,
  type Job,
  jobQuantity,
  jobScrapped,
  type Line,
  type Masters,
  type Order,
  type State,
} from './state.js';
import { available, mayChange, sourcesOf, takeIntoProduction } from './stock.js';
import type { User } from './world.js';

const find = (state: State, id: string): Job => {
  const job = state.jobs.find((each) => each.id === id);
  if (!job) throw new Error(`The model has no job ${id}`);
  return job;
};
const findOrder = (state: State, id: string): Order => {
  const order = state.orders.find((each) => each.id === id);
  if (!order) throw new Error(`The model has no order ${id}`);
  return order;
};
const orderOf = (state: State, job: Job): Order => findOrder(state, job.order);
/** Services need no job; the others one each. */
const linesToMake = (state: State, masters: Masters, orderId: string): Line[] =>
  findOrder(state, orderId).lines.filter(
    ({ id, product }) =>
      masters.variants.some((variant) => variant.product === product && variant.isStocked) &&
      !state.jobs.some(({ line }) => line === id),
  );
const sees = (user: User, { workspace }: Job): boolean =>
  workspace === null || mayChange(user.workspace, { workspace });
const among = (state: State, dice: Dice): Job | undefined =>
  pickAble(state.jobs, ({ status }) => status === 'open', dice);
/** Work is recorded of orders in production. */
const amongWorked = (state: State, dice: Dice): Job | undefined =>
  pickAble(state.jobs, (job) => job.status === 'open' && orderOf(state, job).status === 'in_production', dice);
const firstStage = (masters: Masters): string => masters.stages[0]?.id ?? '';

function place(state: State, user: User, stage: string, ids: readonly string[], at?: number): void {
  const cards = state.board[stage] ?? [];
  const index = at ?? cards.length;
  state.board[stage] = [...cards.slice(0, index), ...ids, ...cards.slice(index)];
  if (ids.length > 0) state.put = { stage, ids, by: user.workspace };
}

const create: Action = {
  name: 'create jobs',
  weight: 14,
  plan(state, masters, dice) {
    const isAble = ({ id, status }: Order) =>
      (status === 'confirmed' || status === 'in_production') && !state.jobs.some((job) => job.order === id);
    const order = pickAble(state.orders, isAble, dice);
    if (!order) return;
    return {
      text: `create jobs of order ${state.orders.indexOf(order)} ${order.status}`,
      url: '/api/erp/production/jobs',
      payload: { order_id: order.id },
      permission: 'erp.production_job.write',
      status: 201,
      refuse(now, { workspace }) {
        if (!mayChange(workspace, order)) return 'unknown_reference';
        const { status } = findOrder(now, order.id);
        return status === 'confirmed' || status === 'in_production' ? undefined : 'illegal_transition';
      },
      apply(now, user, body) {
        const { workspace, number } = findOrder(now, order.id);
        const jobs = linesToMake(now, masters, order.id).map(
          (line, index): Job => ({
            id: body.items[index]?.id,
            number: `${number}-${line.position}`,
            order: order.id,
            line: line.id,
            workspace,
            reprintOf: null,
            pieces: Object.fromEntries(
              line.sizes.map(({ variant, quantity }) => [variant, { quantity, scrapped: 0, reprinted: 0 }]),
            ),
            status: 'open',
            stage: firstStage(masters),
            done: 0,
            approved: Object.fromEntries(line.designs.map((design) => [design, null])),
            version: 1,
          }),
        );
        now.jobs.push(...jobs);
        place(
          now,
          user,
          firstStage(masters),
          jobs.map(({ id }) => id),
        );
      },
      verify(now, body) {
        const ids: string[] = body.items.map((card: Dict<string>) => card['id']);
        const left = linesToMake(now, masters, order.id).length;
        const numbers = now.jobs.filter(({ id }) => ids.includes(id)).map(({ number }) => number);
        const found = body.items.map((card: Dict<string>) => card['number']);
        return wrong('new jobs', [numbers, left], [found, 0]);
      },
    };
  },
};

/** What the calls that change one job have in common. */
function jobPlan(
  state: State,
  job: Job,
  call: {
    readonly name: string;
    readonly text?: string;
    readonly url?: string;
    readonly method?: 'PATCH';
    readonly payload: object;
    readonly permission: Plan['permission'];
    readonly status?: 201;
    readonly needsWork?: boolean;
    refuse(now: State, job: Job, user: User): ErrorCode | readonly ErrorCode[] | undefined;
    apply(now: State, job: Job, user: User, body: Dict<unknown>): void;
    readonly verify?: Plan['verify'];
  },
): Plan {
  return {
    text: `${call.name} job ${job.number} ${job.status} ${call.text ?? JSON.stringify(call.payload)} of ${orderOf(state, job).status}`,
    ...(call.method && { method: call.method }),
    url: `/api/erp/production/jobs/${job.id}${call.url ?? `/${call.name}`}`,
    payload: call.payload,
    permission: call.permission,
    target: job,
    status: call.status ?? 200,
    refuse(now, user) {
      const found = find(now, job.id);
      if (found.status !== 'open') return 'illegal_transition';
      if (call.needsWork && orderOf(now, found).status !== 'in_production') return 'illegal_transition';
      return call.refuse(now, found, user);
    },
    apply(now, user, body) {
      const found = find(now, job.id);
      call.apply(now, found, user, body);
      found.version += 1;
    },
    verify:
      call.verify ??
      ((now, body) => {
        const found = find(now, job.id);
        return wrong(
          'job',
          [found.version, found.stage, found.done, jobScrapped(found), found.status, artworkOf(now, found)],
          [body.version, body.stage_id, body.quantity_done, body.quantity_scrapped, body.status, body.artwork],
        );
      }),
  };
}

function artworkOf(state: State, { approved }: Job): string {
  const designs = Object.entries(approved);
  if (designs.length === 0) return 'none';
  if (designs.some(([id, hash]) => hash !== null && hash !== state.designs[id])) return 'changed';
  return designs.every(([, hash]) => hash !== null) ? 'approved' : 'pending';
}

const move: Action = {
  name: 'move job',
  weight: 18,
  plan(state, masters, dice) {
    const job = among(state, dice);
    const { a, b } = dice;
    const stage = pick(masters.stages, a);
    if (!job || !stage) return;
    const others = (state.board[stage.id] ?? []).filter((id) => id !== job.id);
    const index = b % Math.max(others.length, 1);
    const [one, next] = [others[index], others[index + 1]];
    const kind = ['end', 'after', 'before', 'between', 'crossed', 'elsewhere'][(b >> 4) % 6];
    const elsewhere = state.jobs.find((other) => other.stage !== stage.id && other.id !== job.id)?.id;
    const [after, before] =
      {
        end: [],
        after: [one],
        before: [undefined, one],
        between: [one, next],
        crossed: [next, one],
        elsewhere: [elsewhere],
      }[kind ?? 'end'] ?? [];
    const anchors = { ...(after && { after_id: after }), ...(before && { before_id: before }) };
    return jobPlan(state, job, {
      name: 'move',
      text: `to stage ${masters.stages.indexOf(stage)} ${kind} of ${others.length}`,
      payload: { stage_id: stage.id, ...anchors },
      permission: 'erp.production_job.move',
      refuse(now, found, user) {
        const cards = now.board[stage.id] ?? [];
        const isThere = (id: string | undefined) =>
          id === undefined || (cards.includes(id) && id !== found.id && sees(user, find(now, id)));
        const isCrossed = after !== undefined && before !== undefined && cards.indexOf(after) > cards.indexOf(before);
        const refusals: ErrorCode[] = [];
        if (!isThere(after) || !isThere(before) || isCrossed) refusals.push('conflict');
        if (found.stage === stage.id) return refusals.length > 0 ? refusals : undefined;
        const artwork = artworkOf(now, found);
        if (stage.needsArtwork && artwork !== 'none' && artwork !== 'approved') refusals.push('artwork_unapproved');
        const present = cards.filter((id) => find(now, id).workspace === found.workspace).length;
        if (stage.limit !== null && stage.blocks && present >= stage.limit) refusals.push('wip_limit_reached');
        return refusals.length > 0 ? refusals : undefined;
      },
      apply(now, found, user) {
        now.board[found.stage] = (now.board[found.stage] ?? []).filter((id) => id !== found.id);
        found.stage = stage.id;
        const cards = now.board[stage.id] ?? [];
        const at = after ? cards.indexOf(after) + 1 : before ? cards.indexOf(before) : undefined;
        place(now, user, stage.id, [found.id], at);
      },
      verify(now, { card, wip }) {
        const found = find(now, job.id);
        const cards = now.board[found.stage] ?? [];
        const count = cards.filter((id) => find(now, id).workspace === found.workspace).length;
        const exceeded = stage.limit !== null && count > stage.limit;
        const expected = [found.version, found.stage, count, exceeded];
        return wrong('moved', expected, [card.version, card.stage_id, wip.count, wip.exceeded]);
      },
    });
  },
};

const record: Action = {
  name: 'done',
  weight: 18,
  plan(state, _masters, dice) {
    const job = amongWorked(state, dice);
    if (!job) return;
    const left = leftOf(job);
    const quantity = [left, left + 1, 1, Math.ceil(left / 2)][dice.a % 4] || 1;
    return jobPlan(state, job, {
      name: 'done',
      payload: { quantity },
      permission: 'erp.production_job.record',
      needsWork: true,
      refuse: (_now, found) => (quantity > leftOf(found) ? 'quantity_exceeded' : undefined),
      apply(_now, found) {
        found.done += quantity;
      },
    });
  },
};

const scrap: Action = {
  name: 'scrap',
  weight: 9,
  plan(state, _masters, dice) {
    const job = amongWorked(state, dice);
    if (!job) return;
    const variant = pick(Object.keys(job.pieces), dice.b) ?? '';
    const quantity = dice.a % 6 === 0 ? leftOf(job) + 1 : 1 + (dice.a % 3);
    return jobPlan(state, job, {
      name: 'scrap',
      payload: { sizes: [{ variant_id: variant, quantity }], reason: 'Ink bled' },
      permission: 'erp.production_job.record',
      needsWork: true,
      refuse(_now, found) {
        const size = found.pieces[variant];
        const isTooMuch = !size || quantity > size.quantity - size.scrapped || quantity > leftOf(found);
        return isTooMuch ? 'quantity_exceeded' : undefined;
      },
      apply(now, found) {
        const size = found.pieces[variant];
        if (size) size.scrapped += quantity;
        const { inProduction } = orderOf(now, found);
        // Below zero where the blanks are not booked yet: they are when the order is ready.
        inProduction[variant] = (inProduction[variant] ?? 0) - quantity;
      },
    });
  },
};

const reprint: Action = {
  name: 'reprint',
  weight: 10,
  plan(state, masters, dice) {
    const isSpoilt = ({ pieces, status }: Job) =>
      status === 'open' && Object.values(pieces).some((size) => size.scrapped > size.reprinted);
    const job = pickAble(state.jobs, isSpoilt, dice);
    if (!job) return;
    const named = dice.a % 3 === 0 ? pick(Object.keys(job.pieces), dice.b) : undefined;
    const wantedOf = (found: Job): Dict<number> =>
      Object.fromEntries(
        Object.entries(found.pieces).flatMap(([variant, { scrapped, reprinted }]) => {
          const wanted = named === undefined ? scrapped - reprinted : named === variant ? 1 + (dice.b % 2) : 0;
          return wanted > 0 ? [[variant, wanted]] : [];
        }),
      );
    const payload = named === undefined ? {} : { sizes: [{ variant_id: named, quantity: 1 + (dice.b % 2) }] };
    return jobPlan(state, job, {
      name: 'reprint',
      payload,
      permission: 'erp.production_job.reprint',
      status: 201,
      needsWork: true,
      refuse(now, found) {
        const wanted = Object.entries(wantedOf(found));
        const isTooMuch = wanted.some(([variant, quantity]) => {
          const size = found.pieces[variant];
          return !size || quantity > size.scrapped - size.reprinted;
        });
        if (wanted.length === 0 || isTooMuch) return 'quantity_exceeded';
        const isShort = wanted.some(([variant, quantity]) => {
          const free = sourcesOf(masters, orderOf(now, found)).map(({ id }) => available(now, variant, id));
          return free.reduce((sum, each) => sum + Math.max(each, 0), 0) < quantity;
        });
        return isShort ? 'stock_short' : undefined;
      },
      apply(now, found, user, body) {
        const order = orderOf(now, found);
        const wanted = wantedOf(found);
        for (const [variant, quantity] of Object.entries(wanted)) {
          const size = found.pieces[variant];
          if (size) size.reprinted += quantity;
          let missing = quantity;
          for (const { id } of sourcesOf(masters, order)) {
            const taken = Math.min(missing, Math.max(available(now, variant, id), 0));
            takeIntoProduction(now, order, variant, id, taken);
            missing -= taken;
          }
        }
        const count = now.jobs.filter(({ line, reprintOf }) => line === found.line && reprintOf !== null).length;
        const again: Job = {
          ...structuredClone(found),
          id: String(body['id']),
          number: `${order.number}-${order.lines.find(({ id }) => id === found.line)?.position}-R${count + 1}`,
          reprintOf: found.id,
          pieces: Object.fromEntries(
            Object.entries(wanted).map(([variant, quantity]) => [variant, { quantity, scrapped: 0, reprinted: 0 }]),
          ),
          stage: firstStage(masters),
          done: 0,
          version: 1,
        };
        now.jobs.push(again);
        place(now, user, firstStage(masters), [again.id]);
      },
      verify(now, body) {
        const again = find(now, body.id);
        const expected = [again.number, jobQuantity(again), job.id, artworkOf(now, again)];
        return wrong('reprint', expected, [body.number, body.quantity, body.reprint_of, body.artwork]);
      },
    });
  },
};

const approve: Action = {
  name: 'approve artwork',
  weight: 10,
  plan(state, masters, dice) {
    const job = among(state, dice);
    if (!job) return;
    const { a, b } = dice;
    const design = pick(b % 8 === 0 ? masters.designs : masters.designs.filter(({ id }) => id in job.approved), b);
    if (!design) return;
    const hash = a % 8 === 0 ? hashOf(pick(design.files, a >> 3) ?? '') : (state.designs[design.id] ?? '');
    return jobPlan(state, job, {
      name: 'approve',
      url: '/approve-artwork',
      payload: { design_id: design.id, hash },
      permission: 'erp.production_job.approve_artwork',
      refuse(now, found) {
        if (!(design.id in found.approved)) return 'unknown_reference';
        return now.designs[design.id] === hash ? undefined : 'content_changed';
      },
      apply(_now, found) {
        found.approved[design.id] = hash;
      },
    });
  },
};

const update: Action = {
  name: 'update job',
  weight: 2,
  plan(state, _masters, dice) {
    const job = among(state, dice);
    if (!job) return;
    return jobPlan(state, job, {
      name: 'update',
      url: '',
      method: 'PATCH',
      payload: { priority: pick(['low', 'normal', 'high', 'urgent'], dice.a) },
      permission: 'erp.production_job.write',
      refuse: () => undefined,
      apply: () => undefined,
    });
  },
};

/** Another file under a design: what was approved before is not what would be printed. */
const redraw: Action = {
  name: 'redraw',
  weight: 1,
  plan(_state, masters, { pick: die, a }) {
    const design = pick(masters.designs, die);
    const file = pick(design?.files ?? [], a);
    if (!design || !file) return;
    return {
      text: `redraw design ${masters.designs.indexOf(design)}`,
      method: 'PATCH',
      url: `/api/erp/designs/${design.id}`,
      payload: { file_id: file },
      permission: 'erp.design.write',
      status: 200,
      refuse: () => undefined,
      apply(now) {
        now.designs[design.id] = hashOf(file);
      },
      verify: (_now, body) => wrong('artwork', hashOf(file), body.hash),
    };
  },
};

export const jobActions: readonly Action[] = [create, move, record, scrap, reprint, approve, update, redraw];
