import { AppError } from '@platen/chassis/http/app-error';
import type { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { productionJobs } from '@platen/schema/contracts/data/production-jobs';
import { actorOf } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { approveDesign, artworkOf, type JobDesignRow, listDesigns } from './artwork-repo.js';
import { lockJob } from './jobs-repo.js';
import { readJob } from './read-jobs.js';
import { requireOpenJob, unknownReference } from './requirements.js';
import { stateOf, tell, writeChange } from './write-change.js';

type Changes = BodyOf<typeof productionJobs.update>;
type Approval = BodyOf<typeof productionJobs.approveArtwork>;

/** Its priority, its day, its note, its quoted minutes. */
export const updateJob = (
  ctx: TenantCtx,
  id: string,
  { priority, due_on, note, quoted_minutes }: Changes,
): Promise<RawJson> =>
  ctx.write(async (tx) => {
    const job = requireOpenJob(ctx, await lockJob(tx, id));
    const changes = {
      ...(priority !== undefined && { priority }),
      ...(due_on !== undefined && { due_on }),
      ...(note !== undefined && { note }),
      ...(quoted_minutes !== undefined && { quoted_minutes }),
    };
    const { id: aggregateId, ...changed } = writeChange(tx, ctx, job, changes, { kind: 'changed' });
    const data = stateOf({ id: aggregateId, ...changed });
    tell(tx, ctx, changed.workspace_id, { type: 'erp.production_job.changed', aggregateId, data });
    return readJob(tx, ctx, id);
  });

/** Of the file that a person saw: its hash says which that was. */
export const approveArtwork = (ctx: TenantCtx, id: string, body: Approval): Promise<RawJson> =>
  ctx.write(async (tx) => {
    const [found, designs] = await Promise.all([lockJob(tx, id), listDesigns(tx, id)]);
    const job = requireOpenJob(ctx, found);
    const design = requireDesign(designs, body.design_id);
    const { hash } = body;
    if (design.hash !== hash) {
      throw new AppError('content_changed', 'The artwork is another file now', { extensions: { hash: design.hash } });
    }
    approveDesign(tx, ctx, design, actorOf(ctx));
    const approved = writeChange(tx, ctx, job, {}, { kind: 'artwork_approved', reason: `${design.code} ${hash}` });
    const artwork = artworkOf(designs.map((row) => (row === design ? { ...row, approved_hash: hash } : row)));
    tell(tx, ctx, job.workspace_id, {
      type: 'erp.production_job.artwork_approved',
      aggregateId: id,
      data: { ...stateOf(approved), design_id: design.design_id, artwork },
    });
    return readJob(tx, ctx, id);
  });

/** @throws AppError unknown_reference */
function requireDesign(designs: readonly JobDesignRow[], designId: string | undefined): JobDesignRow {
  const named = designs.filter(({ design_id }) => designId === undefined || design_id === designId);
  const [design] = named;
  if (design && named.length === 1) return design;
  throw unknownReference('design_id', design ? 'has to name one of the designs' : 'names no design of this job');
}
