import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { productionJobs } from '@platen/schema/contracts/data/production-jobs';
import { requireStatus } from '../documents/index.js';
import type { ActorCtx, TenantCtx } from '../module.js';
import { isApproved, type JobDesignRow, listDesigns } from './artwork-repo.js';
import { type JobRow, lockJob } from './jobs-repo.js';
import { findPlace, type Place } from './places-repo.js';
import { longestRank, rankBetween, tagOf } from './rank.js';
import { readCards } from './read-jobs.js';
import type { RenewRanks } from './renew-ranks.js';
import { requireRoom, unknownReference, type Wip, writeOrConflict } from './requirements.js';
import { lockStage } from './stages-repo.js';
import { stateOf, tell, writeChange } from './write-change.js';

type Destination = BodyOf<typeof productionJobs.move>;
export type MoveJob = (ctx: TenantCtx, id: string, to: Destination) => Promise<RawJson>;

/** The stage's row is locked before the job's: ranks and limits are decided by one after the other. */
export const createMoveJob =
  (renewRanks: RenewRanks): MoveJob =>
  async (ctx, id, to) => {
    let rank = '';
    const answer = await writeOrConflict(ctx, async (tx) => {
      const { stage, job, place, designs } = await read(tx, id, to);
      await requirePresent(tx, ctx, job);
      const { lower, upper } = requireAnchors(to, place);
      const enters = job.stage_id !== stage.id;
      if (enters && stage.requires_artwork) requireArtwork(designs);
      // A card that stays takes nobody's room, also where there is too little.
      const wip = requireRoom(stage, enters ? place.others : place.others + 1, enters ? 1 : 0);
      rank = rankBetween(lower, upper, tagOf(ctx.workspaceId, ctx.newId()));
      writeMove(tx, ctx, job, { stageId: stage.id, rank });
      return moved(await readCard(tx, ctx, id), wip);
    });
    if (rank.length > longestRank) await renewRanks(ctx, to.stage_id);
    return answer;
  };

/** In one write: each statement begins once the one before it has its lock. */
async function read(tx: Tx, id: string, to: Destination) {
  const { stage_id: stageId } = to;
  const [stage, job, place, designs] = await Promise.all([
    lockStage(tx, stageId),
    lockJob(tx, id),
    findPlace(tx, id, { stageId, afterId: to.after_id ?? null, beforeId: to.before_id ?? null }),
    listDesigns(tx, id),
  ]);
  if (!job || !place) throw new AppError('not_found');
  if (!stage) throw unknownReference('stage_id', 'names no stage');
  return { stage, job, place, designs };
}

/** @throws AppError version_mismatch, with the card as somebody else left it */
async function requirePresent(tx: Tx, ctx: TenantCtx, job: JobRow): Promise<void> {
  requireStatus(job.status, ['open'], 'moves');
  if (ctx.ifMatch === null || ctx.ifMatch === job.version) return;
  const { version } = job;
  const card: unknown = JSON.parse(await readCard(tx, ctx, job.id));
  throw new AppError('version_mismatch', `The card is at version ${version}`, { extensions: { version, card } });
}

/** @throws AppError conflict: somebody moved what the card was to stand next to */
function requireAnchors({ after_id, before_id }: Destination, place: Place): Place {
  const { after, before } = place;
  const isGone = (after_id !== undefined && after === null) || (before_id !== undefined && before === null);
  if (isGone || (after !== null && before !== null && after >= before)) {
    throw new AppError('conflict', 'The cards that it was to stand next to are not there, or not in this order');
  }
  return place;
}

/** @throws AppError artwork_unapproved, naming the designs */
function requireArtwork(designs: readonly JobDesignRow[]): void {
  const refused = designs.filter((design) => !isApproved(design));
  if (refused.length === 0) return;
  throw new AppError('artwork_unapproved', undefined, {
    extensions: {
      designs: refused.map(({ design_id, code, approved_hash }) => ({
        design_id,
        code,
        reason: approved_hash === null ? 'missing' : 'changed',
      })),
    },
  });
}

export function writeMove(
  tx: Tx,
  ctx: ActorCtx,
  job: JobRow,
  to: { readonly stageId: string; readonly rank: string },
): void {
  const { stage_id: from } = job;
  const changes = { stage_id: to.stageId, rank: to.rank };
  // Who put which card above which is nothing that anybody asks later.
  const entry = from === to.stageId ? null : ({ kind: 'moved', fromStageId: from, toStageId: to.stageId } as const);
  const card = writeChange(tx, ctx, job, changes, entry);
  const data = { ...stateOf(card), from_stage_id: from };
  tell(tx, ctx, card.workspace_id, { type: 'erp.production_job.moved', aggregateId: card.id, data });
}

async function readCard(tx: Tx, ctx: TenantCtx, id: string): Promise<string> {
  const [card] = await readCards(tx, ctx, [id]);
  if (!card) throw new AppError('not_found');
  return card.json;
}

const moved = (card: string, wip: Wip): RawJson => new RawJson(`{"card":${card},"wip":${JSON.stringify(wip)}}`);
