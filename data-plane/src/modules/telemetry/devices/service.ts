import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import type { RawJson } from '@platen/chassis/http/types';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import { type devices, maxAttributesBytes } from '@platen/schema/contracts/data/telemetry-devices';
import type { Tenant } from '../../../feed/tenant.js';
import { changedJson, foundJson, orDuplicate } from '../../../stored-json.js';
import type { TenantCtx } from '../../module.js';
import { organizationIdOf } from './credentials-service.js';
import { ownDeviceOf } from './own-device.js';
import * as repo from './repo.js';

export interface DeviceService {
  listDevices(ctx: TenantCtx, query: QueryOf<typeof devices.list>): Promise<RawJson>;
  /** @throws AppError not_found */
  getDevice(ctx: TenantCtx, id: string): Promise<RawJson>;
  /** @throws AppError duplicate, limit_reached */
  createDevice(ctx: TenantCtx, body: BodyOf<typeof devices.create>): Promise<RawJson>;
  /** @throws AppError not_found, context_not_allowed, duplicate, limit_reached, version_mismatch */
  updateDevice(ctx: TenantCtx, id: string, body: BodyOf<typeof devices.update>): Promise<RawJson>;
}

/** `onChanged`: what is known of the tenant's devices is out of date. */
export function createDeviceService(deps: {
  readonly cursors: Cursors;
  readonly onChanged: (tenantId: string) => void;
}): DeviceService {
  return {
    listDevices: (ctx, { status, kind, q, ...query }) =>
      repo.listDevices(ctx, deps.cursors, query, { status, kind, q }),

    getDevice: async (ctx, id) => foundJson(await repo.findDevice(ctx.db, id)),

    async createDevice(ctx, { attributes = {}, ...body }) {
      requireSmall(attributes);
      const organizationId = organizationIdOf(ctx);
      const { tenant, workspaceId } = ctx;
      const row = { ...body, attributes, tenantId: tenant.id, organizationId, workspaceId, id: ctx.newId() };
      const created = await ctx.write(async (tx) => {
        await requireRoom(tx, tenant);
        return foundJson(await orTaken(repo.insertDevice(tx, row), body.code));
      });
      deps.onChanged(tenant.id);
      return created;
    },

    async updateDevice(ctx, id, patch) {
      if (patch.attributes !== undefined) requireSmall(patch.attributes);
      const changed = await ctx.db.transaction(async (tx) => {
        await ownDeviceOf(ctx, tx, id);
        const { status } = patch;
        const before = status === undefined ? undefined : await repo.lockDeviceStatus(tx, id);
        const change = changedJson(await orTaken(repo.updateDevice(tx, id, ctx.ifMatch, patch), patch.code ?? ''));
        if (status === 'active' && before === 'disabled') await requireRoom(tx, ctx.tenant);
        if (status === 'disabled' && before === 'active') await repo.countDevices(tx, ctx.tenant.id, -1, null);
        return change;
      });
      deps.onChanged(ctx.tenant.id);
      return changed;
    },
  };
}

/** For one more that is active. @throws AppError limit_reached */
async function requireRoom(tx: Tx, { id, limits }: Tenant): Promise<void> {
  const limit = limits['devices'] ?? null;
  if (await repo.countDevices(tx, id, 1, limit)) return;
  throw new AppError('limit_reached', `The limit is ${limit} devices`, {
    extensions: { limit: 'devices', allowed: limit },
  });
}

function requireSmall(attributes: object): void {
  if (Buffer.byteLength(JSON.stringify(attributes)) <= maxAttributesBytes) return;
  const fields = [{ path: '/body/attributes', message: `must have at most ${maxAttributesBytes} bytes of JSON` }];
  throw new AppError('validation_failed', undefined, { fields });
}

const orTaken = <R>(write: Promise<R>, code: string): Promise<R> =>
  orDuplicate(write, 'tel_devices_code_key', `There is a device with the code "${code}"`, '/body/code');
