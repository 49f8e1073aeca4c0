import { createHash } from 'node:crypto';
import { ranksAfter } from '../../modules/production/index.js';
import type { RowsByTable } from '../document-rows.js';
import type { Row } from '../insert-rows.js';
import { seedId } from '../random.js';
import type { FloorInput, SeedJob } from './jobs.js';
import { hourMs, ownedBy, stampsOf } from './plan.js';

/** What an artwork was before it was changed. */
const formerHash = createHash('sha256').update('the artwork as it was').digest('hex');
const urgency: readonly SeedJob['priority'][] = ['urgent', 'high', 'normal', 'low'];

/** The jobs in their places on the board, their artwork and what happened to them. */
export function jobRows(input: FloorInput, jobs: readonly SeedJob[]): RowsByTable {
  const { stages } = input;
  const ranks = ranksOf(input, jobs);
  const histories = jobs.map((job) => ({ job, history: historyOf(input, job) }));
  return {
    erp_production_stages: stages.map(({ row }) => row),
    erp_production_jobs: histories.map(({ job, history }): Row => {
      const { order, line, scrapped, reprintOf, createdAt } = job;
      return {
        ...ownedBy(input.maker, order.workspaceId),
        id: job.id,
        number: job.number,
        status: 'open',
        order_id: order.id,
        order_line_id: line.id,
        stage_id: stages[job.stage]?.id ?? '',
        rank: ranks.get(job.id) ?? null,
        priority: job.priority,
        due_on: order.dueOn,
        quantity: job.quantity,
        quantity_done: job.done,
        quantity_scrapped: scrapped?.pieces ?? 0,
        reprint_of: reprintOf?.id ?? null,
        note: null,
        version: history.length,
        ...stampsOf(createdAt, history.at(-1)?.at ?? createdAt),
      };
    }),
    erp_production_job_designs: jobs.flatMap((job) => designRows(input, job)),
    erp_production_job_events: histories.flatMap(({ job, history }) =>
      history.map(({ at, by, ...entry }, index): Row => {
        const id = seedId(`${job.id}/event/${index}`, at.getTime(), index);
        const happened = { ...nothing, ...entry, made_by: by, created_at: at.toISOString() };
        return { ...ownedBy(input.maker, job.order.workspaceId), id, job_id: job.id, ...happened };
      }),
    ),
  };
}

/** In each stage what is urgent first, then what is due first. */
function ranksOf({ stages }: FloorInput, jobs: readonly SeedJob[]): Map<string, string> {
  const ranks = new Map<string, string>();
  for (const index of stages.keys()) {
    const cards = jobs.filter(({ stage }) => stage === index);
    const orderOf = ({ priority, order }: SeedJob) => `${urgency.indexOf(priority)} ${order.dueOn}`;
    cards.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
    const keys = ranksAfter(null, cards.length, '');
    for (const [place, card] of cards.entries()) ranks.set(card.id, keys[place] ?? '');
  }
  return ranks;
}

const approvedAt = ({ createdAt }: SeedJob) => new Date(createdAt.getTime() + hourMs / 4);

function designRows({ maker, hashes }: FloorInput, job: SeedJob): Row[] {
  const { order, line, artwork, createdAt } = job;
  const isApproved = artwork !== 'pending';
  return line.designIds.map((design_id, index) => ({
    ...ownedBy(maker, order.workspaceId),
    id: seedId(`${job.id}/design/${design_id}`, createdAt.getTime(), index),
    job_id: job.id,
    design_id,
    approved_hash: isApproved ? (artwork === 'changed' ? formerHash : (hashes.get(design_id) ?? null)) : null,
    approved_by: isApproved ? maker.making.approverId : null,
    approved_at: isApproved ? approvedAt(job).toISOString() : null,
    ...stampsOf(createdAt, isApproved ? approvedAt(job) : createdAt),
  }));
}

interface Entry extends Readonly<Partial<typeof nothing>> {
  readonly kind: string;
  readonly at: Date;
  readonly by: string;
}
const nothing = {
  kind: '',
  from_stage_id: null as string | null,
  to_stage_id: null as string | null,
  quantity: null as number | null,
  sizes: null as { variant_id: string; quantity: number }[] | null,
  reason: null as string | null,
};

/** Created, approved, moved from stage to stage, then its pieces: in the time between then and now. */
function historyOf({ maker, stages, now }: FloorInput, job: SeedJob): Entry[] {
  const { createdAt, line, scrapped, done, reprintOf, artwork } = job;
  const { pressId, approverId } = maker.making;
  const lost = scrapped ?? reprintOf?.scrapped ?? null;
  const sizes = lost && [{ variant_id: lost.variantId, quantity: lost.pieces }];
  const created = { kind: 'created', at: createdAt, by: pressId, to_stage_id: stages[0]?.id ?? null };
  const isApproved = line.designIds.length > 0 && artwork !== 'pending' && !reprintOf;
  const stepMs = (now.getTime() - createdAt.getTime() - hourMs) / (stages.length + 2);
  const moves = stages.slice(1, job.stage + 1).map(
    ({ id }, index): Entry => ({
      kind: 'moved',
      at: new Date(createdAt.getTime() + hourMs / 2 + Math.round(stepMs * index)),
      by: pressId,
      from_stage_id: stages[index]?.id ?? null,
      to_stage_id: id,
    }),
  );
  const piecesAt = new Date(now.getTime() - hourMs / 2);
  const entries: Entry[] = [
    { ...created, quantity: job.quantity, sizes: reprintOf ? sizes : null },
    ...(isApproved ? [{ kind: 'artwork_approved', at: approvedAt(job), by: approverId }] : []),
    ...moves,
    ...(scrapped
      ? [
          {
            kind: 'pieces_scrapped',
            at: scrapped.at,
            by: pressId,
            quantity: scrapped.pieces,
            sizes,
            reason: scrapped.reason,
          },
        ]
      : []),
    ...(done > 0 ? [{ kind: 'pieces_done', at: piecesAt, by: pressId, quantity: done }] : []),
  ];
  return entries;
}
