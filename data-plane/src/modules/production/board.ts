import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import { RawJson } from '@platen/chassis/http/types';
import { productionBoard } from '@platen/schema/contracts/data/production';
import type { TenantCtx } from '../module.js';
import { cardJson, jobSources } from './job-json.js';
import { keepsStock } from './read-jobs.js';
import { insertStandardStages } from './stages-repo.js';

const stage = jsonSelect(productionBoard.get.response.properties.stages.items, {
  id: 's.id',
  code: 's.code',
  name: 's.name',
  position: 's.position',
  wip_limit: 's.wip_limit',
  wip_policy: 's.wip_policy',
  requires_artwork: 's.requires_artwork',
  version: 's.version',
  count: 'listed.count',
  cards: jsonExpression(`concat('[', listed.cards, ']')`),
});

/**
 * Whatever has a position is in what this statement sees: positions are given to committed events, by a commit of its own.
 * What is committed and has none yet is seen too, and comes once more.
 */
const position = 'select coalesce(max(e.position), 0) from outbox_events e where e.position is not null';

const select = statement<{ readonly body: string; readonly stages: number }>(
  'production.board',
  `select concat('{"stages":[', string_agg(${stage}, ',' order by s.position, s.id), '],"position":"', (${position}), '"}')
    as body, count(*) as stages
  from erp_production_stages s
  cross join lateral (
    select count(*) as count, string_agg(${cardJson}, ',' order by j.rank) as cards
    from (select j.* from erp_production_jobs j where j.stage_id = s.id and j.rank is not null offset 0) j
    ${jobSources('$1::bool')}
  ) listed`,
  { parse: { stages: 'int' } },
);

/** Stages and cards in one statement, so that they and the position are of one moment. */
export async function readBoard(ctx: TenantCtx): Promise<RawJson> {
  const read = async () => (await ctx.db.leased.query(select, [keepsStock(ctx)]))[0];
  let row = await read();
  if (row?.stages === 0) {
    await insertStandardStages(ctx.db.leased, ctx);
    row = await read();
  }
  if (!row) throw new Error('an aggregate is one row');
  return new RawJson(row.body);
}
