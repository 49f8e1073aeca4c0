import type { Queryable, Tx } from '@platen/chassis/db/types';
import { AppError, invalidField } from '@platen/chassis/http/app-error';
import type { PlatformCtx } from '@platen/chassis/http/types';
import type { OutputOf } from '@platen/schema/contract';
import type {
  ProductKind,
  tenantLimits,
  tenantModules,
  tenantProducts,
} from '@platen/schema/contracts/platform/tenant-enablement';
import { type LimitCode, limitCodes } from '@platen/schema/modules';
import { recordAudit } from '../audit/index.js';
import { type IsFeatureEnabled, listModules, listProducts } from '../availability/index.js';
import { appendTenant } from '../feed/index.js';
import {
  type LimitAnswer,
  limitAnswer,
  type ModuleAnswer,
  moduleAnswers,
  type ProductAnswer,
  productAnswer,
} from './describe.js';
import * as repo from './repo.js';

export interface Place {
  readonly id: string;
  readonly code: string;
}
export interface NewSetting {
  readonly kind: ProductKind;
  readonly valid_until?: string | null;
}

/** What the platform sets for one tenant. Each throws `not_found` for a tenant, product, module or limit that is not there. */
export interface TenantEnablementService {
  listProducts(ctx: PlatformCtx, tenantId: string): Promise<OutputOf<typeof tenantProducts.list>>;
  setProduct(ctx: PlatformCtx, place: Place, setting: NewSetting): Promise<ProductAnswer>;
  deleteProduct(ctx: PlatformCtx, place: Place): Promise<void>;
  listModules(ctx: PlatformCtx, tenantId: string): Promise<OutputOf<typeof tenantModules.list>>;
  setModule(ctx: PlatformCtx, place: Place, setting: NewSetting): Promise<ModuleAnswer>;
  deleteModule(ctx: PlatformCtx, place: Place): Promise<void>;
  listLimits(ctx: PlatformCtx, tenantId: string): Promise<OutputOf<typeof tenantLimits.list>>;
  setLimit(ctx: PlatformCtx, tenantId: string, code: LimitCode, value: number | null): Promise<LimitAnswer>;
  deleteLimit(ctx: PlatformCtx, tenantId: string, code: LimitCode): Promise<void>;
}

export function createTenantEnablementService(deps: {
  readonly isFeatureEnabled: IsFeatureEnabled;
}): TenantEnablementService {
  const products = async (db: Queryable, tenantId: string) =>
    found(await listProducts(db, tenantId)).map(productAnswer);
  const modules = async (db: Queryable, tenantId: string, nowMs: number) =>
    moduleAnswers(found(await listModules(db, tenantId)), deps.isFeatureEnabled, nowMs);
  const limits = async (db: Queryable, tenantId: string) => {
    const { limits: rows, users } = found(await repo.listTenantLimits(db, tenantId, limitCodes));
    return rows.map((row) => limitAnswer(row, users));
  };

  /** Changes one thing that is set about a tenant, and says what it was and is: to the tenant's log, to the data planes. */
  const change = <A extends { readonly code: string }>(
    ctx: PlatformCtx,
    { id: tenantId, code }: Place,
    noun: 'product' | 'module' | 'limit',
    read: (tx: Tx) => Promise<readonly A[]>,
    write: (tx: Tx) => void,
  ): Promise<A> =>
    ctx.write(async (tx) => {
      if (!(await repo.lockTenant(tx, tenantId))) throw new AppError('not_found');
      const before = found((await read(tx)).find((row) => row.code === code));
      write(tx);
      const after = found((await read(tx)).find((row) => row.code === code));
      recordAudit(tx, ctx, tenantId, { action: `tenant_${noun}.update`, target: `${noun}:${code}`, before, after });
      appendTenant(tx, tenantId);
      return after;
    });
  const changeProduct = (ctx: PlatformCtx, place: Place, write: (tx: Tx) => void) =>
    change(ctx, place, 'product', (tx) => products(tx, place.id), write);
  const changeModule = (ctx: PlatformCtx, place: Place, write: (tx: Tx) => void) =>
    change(ctx, place, 'module', (tx) => modules(tx, place.id, ctx.now().getTime()), write);
  const changeLimit = (ctx: PlatformCtx, place: Place, write: (tx: Tx) => void) =>
    change(ctx, place, 'limit', (tx) => limits(tx, place.id), write);

  return {
    listProducts: async (ctx, id) => ({ items: await products(ctx.db, id) }),
    setProduct(ctx, place, setting) {
      const row = enablementOf(place, setting, ctx.now());
      return changeProduct(ctx, place, (tx) => repo.upsertEnablement(tx, 'product', row));
    },
    async deleteProduct(ctx, place) {
      await changeProduct(ctx, place, (tx) => repo.deleteEnablement(tx, 'product', place.id, place.code));
    },

    listModules: async (ctx, id) => ({ items: await modules(ctx.db, id, ctx.now().getTime()) }),
    setModule(ctx, place, setting) {
      const row = enablementOf(place, setting, ctx.now());
      return changeModule(ctx, place, (tx) => repo.upsertEnablement(tx, 'module', row));
    },
    async deleteModule(ctx, place) {
      await changeModule(ctx, place, (tx) => repo.deleteEnablement(tx, 'module', place.id, place.code));
    },

    listLimits: async (ctx, id) => ({ items: await limits(ctx.db, id) }),
    setLimit: (ctx, id, code, value) =>
      changeLimit(ctx, { id, code }, (tx) => repo.upsertTenantLimit(tx, id, code, value)),
    async deleteLimit(ctx, id, code) {
      await changeLimit(ctx, { id, code }, (tx) => repo.deleteTenantLimit(tx, id, code));
    },
  };
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new AppError('not_found');
  return value;
}

/** @throws AppError validation_failed */
function enablementOf(place: Place, { kind, valid_until = null }: NewSetting, now: Date): repo.NewEnablement {
  const refuse = (message: string) => invalidField('/body/valid_until', message);
  if (kind === 'trial' && valid_until === null) throw refuse('is required for a trial');
  // The pattern lets 31 February through.
  if (valid_until !== null && !(Date.parse(valid_until) > now.getTime())) throw refuse('must be a time to come');
  const validUntil = valid_until === null ? null : new Date(valid_until).toISOString();
  const enabled = kind !== 'off';
  return { tenantId: place.id, code: place.code, enabled, source: kind === 'off' ? 'plan' : kind, validUntil };
}
