import type { ScopedDb } from '@platen/chassis/db/types';
import { AppError, invalidField } from '@platen/chassis/http/app-error';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { TenantCtx } from '../../module.js';
import type { Directory, DirectoryView, KnownDevice, KnownMetric } from '../directory.js';

/** What a query names, of what its context sees; null: it names nothing, and means all. */
export interface Resolved {
  readonly view: DirectoryView;
  readonly devices: readonly KnownDevice[] | null;
  readonly metrics: readonly KnownMetric[] | null;
}

interface Wish {
  readonly devices?: string | undefined;
  readonly metrics?: string | undefined;
}

interface Limits {
  readonly devices: number;
  readonly metrics: number;
}

/** @throws AppError validation_failed, unknown_reference */
export async function resolveNames(
  directory: Directory,
  ctx: Pick<TenantCtx, 'tenant' | 'organizationId' | 'workspaceId'> & { readonly db: ScopedDb },
  wish: Wish,
  limits: Limits,
): Promise<Resolved> {
  const scope = { tenantId: ctx.tenant.id, organizationId: ctx.organizationId, workspaceId: ctx.workspaceId };
  const devices = listNames(wish.devices, limits.devices, '/query/devices');
  const metrics = listNames(wish.metrics, limits.metrics, '/query/metrics');
  const find = (view: DirectoryView) => ({
    view,
    devices: devices?.map((name) => ({ name, known: findDevice(view, name) })) ?? null,
    metrics: metrics?.map((name) => ({ name, known: findMetric(view, name) })) ?? null,
  });
  let found = find(await directory.view(ctx.db, scope));
  const isMissing = [...(found.devices ?? []), ...(found.metrics ?? [])].some(({ known }) => known === undefined);
  // It may have been made a moment ago, elsewhere.
  if (isMissing) found = find(await directory.view(ctx.db, scope, { fresh: true }));
  const fields = [
    ...unknown(found.devices, '/query/devices', 'device'),
    ...unknown(found.metrics, '/query/metrics', 'metric'),
  ];
  if (fields.length > 0) throw new AppError('unknown_reference', undefined, { fields });
  return { view: found.view, devices: onlyKnown(found.devices), metrics: onlyKnown(found.metrics) };
}

interface Found<K> {
  readonly name: string;
  readonly known: K | undefined;
}

/** Each once, however it is written. */
function onlyKnown<K>(found: readonly Found<K>[] | null): K[] | null {
  return found === null ? null : [...new Set(found.flatMap(({ known }) => (known === undefined ? [] : [known])))];
}

const unknown = (found: readonly Found<unknown>[] | null, path: string, noun: string) =>
  (found ?? [])
    .filter(({ known }) => known === undefined)
    .slice(0, 10)
    .map(({ name }) => ({ path, message: `names no ${noun}: ${name}` }));

function listNames(text: string | undefined, limit: number, path: string): string[] | null {
  if (text === undefined) return null;
  const names = [...new Set(text.split(',').filter((name) => name !== ''))];
  const refused = (message: string) => invalidField(path, message);
  if (names.length === 0) throw refused('names nothing');
  if (names.length > limit) throw refused(`names more than ${limit}`);
  return names.map((name) => normalizeCode(name, path));
}

const findDevice = (view: DirectoryView, name: string): KnownDevice | undefined =>
  view.deviceByCode(name) ?? view.deviceById(name);
const findMetric = (view: DirectoryView, name: string): KnownMetric | undefined =>
  view.metricByCode(name) ?? view.metricById(name);
