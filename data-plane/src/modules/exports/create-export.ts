import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import { type ExportFilter, exportPermissions, type exports } from '@platen/schema/contracts/data/exports';
import type { ExportColumn, ExportPayload } from '@platen/schema/contracts/internal/export-rows';
import { dateIn, type FindOrganization, organizationOf } from '../documents/index.js';
import { requestJob } from '../jobs/index.js';
import type { TenantCtx } from '../module.js';
import { may, requirePermission } from '../permission.js';
import { sources } from './sources/index.js';
import type { Source } from './sources/source.js';

type Wanted = BodyOf<typeof exports.create>;

/** Why an export may be refused. */
export const shownOnly = 'Exports show what one may see';

/** All that is chosen for an export is chosen here and kept with its job. */
export async function createExport(
  findOrganization: FindOrganization,
  ctx: TenantCtx,
  wanted: Wanted,
): Promise<RawJson> {
  requirePermission(ctx, exportPermissions[wanted.resource], shownOnly);
  const { settings } = organizationOf(findOrganization, ctx);
  const source = sources[wanted.resource];
  const { resource, format, filter = {}, bom = true } = wanted;
  requireFilters(source, filter);
  const language = settings.locale.startsWith('de') ? 'de' : 'en';
  const today = dateIn(settings.time_zone, ctx.now());
  const title = wanted.title?.trim() ?? `${source.title[language]} ${today}`;
  const payload: ExportPayload = {
    resource,
    format,
    filter,
    columns: columnsOf(ctx, source, language, wanted.columns),
    file_name: `${title.replace(/[\\/:*?"<>|\p{C}]/gu, '-')}.${format}`,
    sheet_name: source.title[language],
    bom,
    today,
    time_zone: settings.time_zone,
  };
  return ctx.write(async (tx) => {
    const job = await requestJob(tx, ctx, { kind: 'export', title, payload });
    return new RawJson(job.json, job.version);
  });
}

function requireFilters({ filters }: Source, filter: ExportFilter): void {
  const refused = Object.entries(filter).flatMap(([name, value]) => {
    const known = filters[name as keyof ExportFilter]; // the contract lets no other in
    if (!known) return [{ path: `/body/filter/${name}`, message: 'This list has no such filter' }];
    if (!known.values || known.values.includes(value)) return [];
    return [{ path: `/body/filter/${name}`, message: `One of ${known.values.join(', ')}` }];
  });
  if (refused.length > 0) throw new AppError('validation_failed', undefined, { fields: refused });
}

/** Those that were named, which all must be seen; or all that are. */
function columnsOf(
  ctx: TenantCtx,
  { columns }: Source,
  language: 'en' | 'de',
  named: readonly string[] | undefined,
): ExportColumn[] {
  const refused = (named ?? []).flatMap((key, index) =>
    Object.hasOwn(columns, key) ? [] : [{ path: `/body/columns/${index}`, message: 'This list has no such column' }],
  );
  if (refused.length > 0) throw new AppError('validation_failed', undefined, { fields: refused });
  return (named ?? Object.keys(columns)).flatMap((key) => {
    const column = columns[key];
    if (!column) return [];
    const { permission, type, header } = column;
    if (permission !== undefined && !may(ctx, permission)) {
      if (named === undefined) return [];
      requirePermission(ctx, permission, shownOnly);
    }
    return [{ key, type, header: header[language] }];
  });
}
