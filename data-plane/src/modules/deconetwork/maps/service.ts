import { isUniqueViolation } from '@platen/chassis/db/errors';
import type { Tx } from '@platen/chassis/db/types';
import { AppError, invalidField } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf, QueryOf } from '@platen/schema/contract';
import type { dnMaps } from '@platen/schema/contracts/data/dn-maps';
import { foundJson, type JsonRow, orDuplicate } from '../../../stored-json.js';
import { actorOf, requireVersion } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { findOwnConnection, requireContext } from '../connections/own-connection.js';
import { slowly } from '../imports/list-rows.js';
import { countTakeable, listSkipped, takeSuggestions } from './confirm-repo.js';
import { isLocalKind, isLocalRow } from './local-rows.js';
import { findMap, type LockedMap, listMaps, lockMap, type MapTarget, retargetMap } from './repo.js';
import { suggestAgain } from './suggest-again.js';
import { trailPage } from './trail.js';

type Said = BodyOf<typeof dnMaps.update>;

export interface MapService {
  list(ctx: TenantCtx, query: QueryOf<typeof dnMaps.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  trail(ctx: TenantCtx, id: string, query: QueryOf<typeof dnMaps.trail>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, said: Said): Promise<RawJson>;
  confirm(ctx: TenantCtx, body: BodyOf<typeof dnMaps.confirm>): Promise<OutputOf<typeof dnMaps.confirm>>;
  suggest(ctx: TenantCtx, body: BodyOf<typeof dnMaps.suggest>): Promise<OutputOf<typeof dnMaps.suggest>>;
}

export function createMapService({ cursors }: { readonly cursors: Cursors }): MapService {
  return {
    list: (ctx, { connection_id, kind, state, suggested_by, local_id, dn_id_prefix, ...query }) =>
      listMaps(ctx, cursors, query, { connection_id, kind, state, suggested_by, local_id, dn_id_prefix }),

    get: async (ctx, id) => foundJson(await findMap(ctx.db, id)),

    async trail(ctx, id, query) {
      const [map, steps] = await Promise.all([
        findMap(ctx.db, id),
        readPage(slowly(ctx), cursors, trailPage, query, [id]),
      ]);
      if (!map) throw new AppError('not_found');
      return steps;
    },

    update: (ctx, id, said) =>
      ctx.write(async (tx) => {
        const map = await lockMap(tx, id);
        if (!map) throw new AppError('not_found');
        requireContext(ctx, map);
        requireVersion(ctx, map.version);
        const target = await targetOf(tx, ctx, map, said);
        return foundJson(isAsItWas(map, target) ? map : await orTaken(retargetMap(tx, id, target, ctx.now())));
      }),

    confirm: (ctx, { connection_id: connectionId, kind, suggested_by: suggestedBy, map_ids: mapIds = null }) =>
      ctx.write(async (tx) => {
        await findOwnConnection(tx, ctx, connectionId, '/body/connection_id');
        const wanted = { connectionId, kind, suggestedBy, mapIds };
        const confirmed = await orConflict(takeSuggestions(tx, wanted, actorOf(ctx), ctx.now()));
        const [skipped, remaining] = await Promise.all([listSkipped(tx, wanted, confirmed), countTakeable(tx, wanted)]);
        const known = new Set([...confirmed, ...skipped.map(({ map_id: id }) => id)]);
        // What an import is at is known all the same: it remains.
        const strange = remaining > 0 ? [] : (mapIds ?? []).filter((id) => !known.has(id));
        const unknown = strange.map((id) => ({ map_id: id, reason: 'not_found' as const }));
        return { confirmed: confirmed.length, skipped: [...skipped, ...unknown], remaining };
      }),

    suggest: (ctx, { connection_id: connectionId, kind, after }) =>
      ctx.write(async (tx) => {
        await findOwnConnection(tx, ctx, connectionId, '/body/connection_id');
        return suggestAgain(tx, connectionId, kind, after);
      }),
  };
}

const unknown = (path: string, message: string) =>
  new AppError('unknown_reference', message, { fields: [{ path, message }] });
const unfit = (path: string, message: string) => invalidField(path, message);

/** @throws AppError validation_failed, unknown_reference */
async function targetOf(tx: Tx, ctx: TenantCtx, { kind }: LockedMap, said: Said): Promise<MapTarget> {
  if (Object.keys(said).length !== 1) throw unfit('/body', 'say one of local_id, local_code and state');
  const { local_id: localId, local_code: localCode, state } = said;
  if (state !== undefined) return { state, localId: null, localCode: null, mappedBy: null };
  const mapped = { state: 'mapped', mappedBy: actorOf(ctx) } as const;
  if (localCode !== undefined) {
    if (kind !== 'status') throw unfit('/body/local_code', 'is for a status only');
    return { ...mapped, localId: null, localCode };
  }
  if (localId === undefined || !isLocalKind(kind)) throw unfit('/body/local_id', 'is not for a status');
  if (!(await isLocalRow(tx, kind, localId)))
    throw unknown('/body/local_id', `There is no such ${kind.replace('_', ' ')}`);
  return { ...mapped, localId, localCode: null };
}

/** Then what an import knows of the record stays: it is still the same. */
const isAsItWas = (map: LockedMap, { state, localId, localCode }: MapTarget): boolean =>
  map.state === state && map.local_id === localId && map.local_code === localCode;

const localKey = 'dn_maps_local_key';
const orTaken = (write: Promise<JsonRow | undefined>): Promise<JsonRow | undefined> =>
  orDuplicate(write, localKey, 'Another record of this site is that already', '/body/local_id');

/** Somebody else said meanwhile that another record is one of these. */
async function orConflict<R>(write: Promise<R>): Promise<R> {
  try {
    return await write;
  } catch (error) {
    if (isUniqueViolation(error, localKey)) throw new AppError('conflict', undefined, { cause: error });
    throw error;
  }
}
