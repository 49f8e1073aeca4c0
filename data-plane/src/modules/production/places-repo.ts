import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';

/** Places of cards in a stage. Read once the stage's row is locked: nobody else puts cards there until the transaction ends. */

export interface StageEnd {
  /** The last rank; null: the stage is empty. */
  readonly last: string | null;
  /** Open jobs of the same workspace. */
  readonly count: number;
}

const selectEnd = statement<StageEnd>(
  'production.stage_end',
  `select (select j.rank from erp_production_jobs j where j.stage_id = $1::uuid and j.rank is not null
      order by j.rank desc limit 1) as last,
    (select count(*) from erp_production_jobs j where j.stage_id = $1::uuid and j.rank is not null
      and j.workspace_id is not distinct from $2::uuid)::int as count`,
  { parse: { count: 'int' } },
);

/** Of a locked stage, for jobs of this workspace. */
export async function findEnd(tx: Tx, stageId: string, workspaceId: string | null): Promise<StageEnd> {
  const [row] = await tx.query(selectEnd, [stageId, workspaceId]);
  return row ?? { last: null, count: 0 };
}

/** What a move to a stage has to know. Anchors that are not there, or not in the stage, have no rank. */
export interface Place {
  readonly after: string | null;
  readonly before: string | null;
  /** The neighbours that the card is to have; null: none on that side. */
  readonly lower: string | null;
  readonly upper: string | null;
  /** Open jobs of the card's workspace in the stage, without the card itself. */
  readonly others: number;
}

const ranksOf = 'from erp_production_jobs n where n.stage_id = $2::uuid and n.id <> $1::uuid and n.rank';
const selectPlace = statement<Place>(
  'production.place',
  `select a.rank as after, b.rank as before,
    case when $3::uuid is not null then a.rank
      when $4::uuid is not null then (select n.rank ${ranksOf} < b.rank order by n.rank desc limit 1)
      else (select n.rank ${ranksOf} is not null order by n.rank desc limit 1) end as lower,
    case when $3::uuid is not null then (select n.rank ${ranksOf} > a.rank order by n.rank limit 1)
      when $4::uuid is not null then b.rank end as upper,
    (select count(*) ${ranksOf} is not null and n.workspace_id is not distinct from j.workspace_id)::int as others
  from erp_production_jobs j
  left join erp_production_jobs a on a.id = $3::uuid and a.stage_id = $2::uuid and a.id <> j.id
  left join erp_production_jobs b on b.id = $4::uuid and b.stage_id = $2::uuid and b.id <> j.id
  where j.id = $1::uuid`,
  { parse: { others: 'int' } },
);

export async function findPlace(
  tx: Tx,
  jobId: string,
  to: { readonly stageId: string; readonly afterId: string | null; readonly beforeId: string | null },
): Promise<Place | undefined> {
  const [row] = await tx.query(selectPlace, [jobId, to.stageId, to.afterId, to.beforeId]);
  return row;
}

export interface RankedCard {
  readonly id: string;
  readonly workspace_id: string | null;
  readonly rank: string;
  readonly version: number;
}
// By id, as everybody locks jobs who locks several.
const lockCards = statement<RankedCard>(
  'production.lock_cards',
  `select id, workspace_id, rank, version from erp_production_jobs
  where stage_id = $1::uuid and rank is not null order by id for no key update`,
  { parse: { version: 'int' } },
);
export const lockCardsOf = (tx: Tx, stageId: string): Promise<RankedCard[]> => tx.query(lockCards, [stageId]);

const updateRanks = statement<never>(
  'production.update_ranks',
  `update erp_production_jobs j set rank = n.rank, version = j.version + 1, updated_at = $1::timestamptz
  from unnest($2::uuid[], $3::text[]) as n (id, rank) where j.id = n.id`,
);
export function updateCardRanks(tx: Tx, cards: readonly RankedCard[], at: Date): void {
  tx.defer(updateRanks, [at, cards.map(({ id }) => id), cards.map(({ rank }) => rank)]);
}
