import type { ScopedDb, Tx } from '@platen/chassis/db/types';
import type { ModuleDeps, TenantCtx } from '../module.js';
import { lockCardsOf, type RankedCard, updateCardRanks } from './places-repo.js';
import { longestRank, ranksAfter } from './rank.js';
import { lockStage } from './stages-repo.js';
import { tell } from './write-change.js';

export type RenewRanks = (ctx: TenantCtx, stageId: string) => Promise<void>;

/**
 * New, short ranks for a whole stage, behind its present last one, in a transaction of its own. It is done for the
 * organization, whoever's move gave rise to it: the cards of every workspace keep their order among each other. Nothing of
 * it reaches the caller, and the move stands whether it works or not: the next one tries again.
 */
export const createRenewRanks =
  (openDb: ModuleDeps['openDb']): RenewRanks =>
  async (ctx, stageId) => {
    const { organizationId } = ctx;
    const db: ScopedDb = openDb(ctx.tenant, { tenantId: ctx.tenant.id, organizationId, workspaceId: null });
    try {
      await db.transaction((tx) => renew(tx, ctx, stageId));
    } catch (error) {
      ctx.log.warn({ err: error, stage_id: stageId }, 'ranks were not renewed');
    }
  };

async function renew(tx: Tx, ctx: TenantCtx, stageId: string): Promise<void> {
  const [stage, cards] = await Promise.all([lockStage(tx, stageId), lockCardsOf(tx, stageId)]);
  // Who waited for the stage finds that it was done.
  if (!stage || !cards.some(({ rank }) => rank.length > longestRank)) return;
  const inOrder = cards.toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
  const ranks = ranksAfter(inOrder.at(-1)?.rank ?? null, inOrder.length, '');
  const renewed = inOrder.map((card, index) => ({
    ...card,
    rank: ranks[index] ?? card.rank,
    version: card.version + 1,
  }));
  updateCardRanks(tx, renewed, ctx.now());
  announce(tx, ctx, stageId, renewed);
}

/** To each workspace its own cards. */
function announce(tx: Tx, ctx: TenantCtx, stageId: string, cards: readonly RankedCard[]): void {
  for (const workspaceId of new Set(cards.map((card) => card.workspace_id))) {
    const jobs = cards
      .filter((card) => card.workspace_id === workspaceId)
      .map(({ id, version, rank }) => ({ job_id: id, version, rank }));
    const data = { stage_id: stageId, jobs };
    tell(tx, ctx, workspaceId, { type: 'erp.production_job.ranks_renewed', aggregateId: stageId, data });
  }
}
