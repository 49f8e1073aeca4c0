import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { taxRates } from '@platen/schema/contracts/data/tax-rates';
import { foundJson, orDuplicate } from '../../../stored-json.js';
import { dateIn, type FindOrganization, organizationOf, requireVersion } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { compare, parseExact } from '../engine/exact.js';
import * as repo from './repo.js';

export interface TaxRateService {
  list(ctx: TenantCtx, query: QueryOf<typeof taxRates.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: BodyOf<typeof taxRates.create>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: BodyOf<typeof taxRates.update>): Promise<RawJson>;
  delete(ctx: TenantCtx, id: string): Promise<void>;
}

export function createTaxRateService(deps: { cursors: Cursors; findOrganization: FindOrganization }): TaxRateService {
  const todayOf = (ctx: TenantCtx) => dateIn(organizationOf(deps.findOrganization, ctx).settings.time_zone, ctx.now());

  return {
    list(ctx, { tax_class: taxClass, ...query }) {
      const filter = taxClass === undefined ? null : normalizeCode(taxClass, '/query/tax_class');
      return readPage(ctx, deps.cursors, repo.taxRatePage, query, [filter]);
    },

    get: async (ctx, id) => foundJson(await repo.findTaxRate(ctx.db, id)),

    create(ctx, body) {
      const { id: organizationId } = organizationOf(deps.findOrganization, ctx);
      const row = {
        id: ctx.newId(),
        taxClass: normalizeCode(body.tax_class, '/body/tax_class'),
        name: body.name,
        ratePercent: body.rate_percent,
        validFrom: body.valid_from,
      };
      return ctx.write(async (tx) => {
        await requireNewDays(tx, row, todayOf(ctx));
        const owner = { tenantId: ctx.tenant.id, organizationId };
        return foundJson(await orTaken(repo.insertTaxRate(tx, owner, row)));
      });
    },

    update(ctx, id, body) {
      return ctx.write(async (tx) => {
        const rate = await repo.lockTaxRate(tx, id);
        if (!rate) throw new AppError('not_found');
        requireVersion(ctx, rate.version);
        const row = {
          id,
          taxClass: body.tax_class === undefined ? rate.tax_class : normalizeCode(body.tax_class, '/body/tax_class'),
          name: body.name ?? rate.name,
          ratePercent: body.rate_percent ?? rate.rate_percent,
          validFrom: body.valid_from ?? rate.valid_from,
        };
        const same =
          row.taxClass === rate.tax_class &&
          compare(parseExact(row.ratePercent), parseExact(rate.rate_percent)) === 0 &&
          row.validFrom === rate.valid_from;
        if (!same) {
          requireNotBegun(rate, todayOf(ctx));
          await requireNewDays(tx, row, todayOf(ctx));
        }
        return foundJson(await orTaken(repo.updateTaxRate(tx, row)));
      });
    },

    delete(ctx, id) {
      return ctx.write(async (tx) => {
        const rate = await repo.lockTaxRate(tx, id);
        if (!rate) throw new AppError('not_found');
        requireNotBegun(rate, todayOf(ctx));
        repo.deleteTaxRate(tx, id);
      });
    },
  };
}

/** What held on days gone by is what their documents were made with. */
function requireNotBegun(rate: repo.LockedTaxRate, today: string): void {
  if (rate.valid_from >= today) return;
  throw new AppError('in_use', `The rate holds since ${rate.valid_from}; let a new one begin today or later`);
}

/** A new rate for days gone by is taken only where there was none, as when a shop starts. */
async function requireNewDays(tx: Tx, row: repo.TaxRateRow, today: string): Promise<void> {
  if (row.validFrom >= today || !(await repo.heldBefore(tx, row.taxClass, row.validFrom, row.id))) return;
  throw new AppError('in_use', `Another rate of the class ${row.taxClass} held on ${row.validFrom}`);
}

const orTaken = <R>(write: Promise<R>): Promise<R> =>
  orDuplicate(write, 'erp_tax_rates_class_key', 'Another rate of this class begins on this day');
