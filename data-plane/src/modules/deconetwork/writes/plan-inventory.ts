import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { createChecker } from '@platen/chassis/validation/checker';
import { DnInventoryWrite } from '@platen/schema/contracts/internal/deconetwork';
import { hasModule, type Tenant } from '../../../feed/tenant.js';
import type { JobOrigin } from '../../jobs/index.js';
import type { DnConnectionRow } from '../connections/find.js';
import { heldAtSql, wholePiecesSql } from '../held-levels.js';
import { insertCall, listOpenCalls } from './calls-repo.js';
import { resumeWrites } from './write-job.js';

/** Whoever has levels looked at: a request, an event, something that is due. */
export type InventoryOrigin = JobOrigin & { readonly tenant: Tenant; now(): Date };
type Level = DnInventoryWrite['levels'][number];

const levelsInCall = 100;
/** At once; the rest follows with the next look. */
const maxLevels = 5_000;

// What lies at the places that the connection sees. A variant that no place keeps has no level to tell: a site's own stock
// of it is none of ours. Levels that the site was told, or has told since, are left out, unless they are asked for ($3).
const levelsSql = `with held as materialized (
    select l.variant_id, ${wholePiecesSql} as level from erp_stock_levels l
    where l.location_id = any(array(${heldAtSql('$2')}))
      and l.variant_id = any(array(select v.local_id from dn_maps v
        where v.connection_id = $1::uuid and v.kind = 'variant' and v.state = 'mapped'))
    group by l.variant_id)
  select m.dn_id as dn_sku_id, h.level from held h join dn_maps m on m.local_id = h.variant_id
  where m.connection_id = $1::uuid and m.kind = 'variant' and m.state = 'mapped'`;
const changedLevels = statement<Level>(
  'dn.changed_levels',
  `${levelsSql} and coalesce(m.written ->> 'level', m.base ->> 'level')::bigint is distinct from h.level order by m.id limit ${maxLevels}`,
  { parse: { level: 'int' } },
);
const levelsNow = statement<Level>('dn.levels_now', `${levelsSql} and m.dn_id = any($3::text[]) order by m.id`, {
  parse: { level: 'int' },
});

const writes = createChecker(DnInventoryWrite);
const levelsOf = (request: unknown): readonly Level[] => (writes.check(request) ? request.levels : []);

/** What of a kept write stands now; undefined: nothing of it. */
export async function renewLevels(
  db: Queryable,
  connection: Pick<DnConnectionRow, 'id' | 'workspace_id'>,
  request: unknown,
): Promise<DnInventoryWrite | undefined> {
  const ids = levelsOf(request).map((each) => each.dn_sku_id);
  const levels = await db.query(levelsNow, [connection.id, connection.workspace_id, ids]);
  return levels.length === 0 ? undefined : { levels };
}

/**
 * Keeps, as writes, the levels of mapped variants that the site was not told yet, and asks for who sends them: last in its
 * transaction. What waits for other reasons is sent with them.
 * @throws AppError busy
 */
export async function planInventory(tx: Tx, origin: InventoryOrigin, connection: DnConnectionRow): Promise<void> {
  const isKept = hasModule(origin.tenant, 'erp.inventory', origin.now().getTime());
  const levels = connection.write_back.inventory && isKept ? await listUntold(tx, connection) : [];
  for (let first = 0; first < levels.length; first += levelsInCall) {
    const request: DnInventoryWrite = { levels: levels.slice(first, first + levelsInCall) };
    const call = { id: origin.newId(), kind: 'inventory', mapId: null, localId: null, eventId: null, request } as const;
    await insertCall(tx, connection, call);
  }
  await resumeWrites(tx, origin, connection);
}

/** One that is pending is sent as it stands then, so it need not be told again; one that is on its way has its level. */
async function listUntold(tx: Tx, connection: DnConnectionRow): Promise<Level[]> {
  const [changed, open] = await Promise.all([
    tx.query(changedLevels, [connection.id, connection.workspace_id]),
    listOpenCalls(tx, connection.id, 'inventory'),
  ]);
  const waiting = new Set<string>();
  const onItsWay = new Map<string, number>();
  for (const { state, request } of open) {
    for (const { dn_sku_id: id, level } of levelsOf(request)) {
      if (state === 'pending') waiting.add(id);
      else onItsWay.set(id, level);
    }
  }
  return changed.filter(({ dn_sku_id: id, level }) => !waiting.has(id) && onItsWay.get(id) !== level);
}
