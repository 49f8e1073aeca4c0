import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf, ParamsOf, QueryOf } from '@platen/schema/contract';
import type { deviceCredentials } from '@platen/schema/contracts/data/telemetry-devices';
import type { TenantCtx } from '../../module.js';
import * as repo from './credentials-repo.js';
import type { DeviceGuard } from './device-guard.js';
import { findDeviceOwner, ownDeviceOf } from './own-device.js';
import { newSecret } from './secret.js';

type Shown = OutputOf<typeof deviceCredentials.create>;
type Place = ParamsOf<typeof deviceCredentials.revoke>;

export interface CredentialService {
  /** @throws AppError not_found */
  listCredentials(ctx: TenantCtx, deviceId: string, query: QueryOf<typeof deviceCredentials.list>): Promise<RawJson>;
  /** @throws AppError not_found, context_not_allowed */
  createCredential(ctx: TenantCtx, deviceId: string, body: BodyOf<typeof deviceCredentials.create>): Promise<Shown>;
  /** @throws AppError not_found, context_not_allowed, illegal_transition */
  rotateCredential(ctx: TenantCtx, place: Place, body: BodyOf<typeof deviceCredentials.rotate>): Promise<Shown>;
  /** @throws AppError not_found, context_not_allowed */
  revokeCredential(ctx: TenantCtx, place: Place): Promise<OutputOf<typeof deviceCredentials.revoke>>;
}

export function createCredentialService(deps: {
  readonly cursors: Cursors;
  readonly guard: Pick<DeviceGuard, 'forget'>;
}): CredentialService {
  /** The new one, inside the transaction that `within` shares; what is kept for a repeat of the request has no secret. */
  async function makeCredential(
    ctx: TenantCtx,
    deviceId: string,
    expiresAt: string | null | undefined,
    within: (tx: Parameters<typeof repo.insertCredential>[0]) => Promise<void>,
  ): Promise<Shown> {
    requireFuture(expiresAt, ctx.now());
    const organizationId = organizationIdOf(ctx);
    const { secret, prefix, hash } = newSecret(organizationId);
    const made = await ctx.write(async (tx) => {
      const { workspaceId } = await ownDeviceOf(ctx, tx, deviceId);
      await within(tx);
      const row = await repo.insertCredential(tx, {
        tenantId: ctx.tenant.id,
        organizationId,
        workspaceId,
        id: ctx.newId(),
        deviceId,
        prefix,
        hash,
        expiresAt: expiresAt ?? null,
      });
      return { ...row, secret: null };
    });
    deps.guard.forget(ctx.tenant.id);
    return { ...made, secret };
  }

  return {
    async listCredentials(ctx, deviceId, query) {
      if ((await findDeviceOwner(ctx.db, deviceId)) === undefined) throw new AppError('not_found');
      return readPage(ctx, deps.cursors, repo.credentialPage, query, [deviceId]);
    },

    createCredential: (ctx, deviceId, body) => makeCredential(ctx, deviceId, body.expires_at, async () => {}),

    rotateCredential: (ctx, { id, credential_id }, { grace_seconds, expires_at }) =>
      makeCredential(ctx, id, expires_at, async (tx) => {
        const old = await repo.lockCredential(tx, credential_id, id);
        if (old === undefined) throw new AppError('not_found');
        if (!old.usable) {
          const detail = 'It holds no longer: make a new one';
          throw new AppError('illegal_transition', detail, { extensions: { current: 'ended', allowed: [] } });
        }
        repo.updateExpiry(tx, credential_id, grace_seconds);
      }),

    async revokeCredential(ctx, { id, credential_id }) {
      const revoked = await ctx.write(async (tx) => {
        await ownDeviceOf(ctx, tx, id);
        const found = await repo.lockCredential(tx, credential_id, id);
        if (found === undefined) throw new AppError('not_found');
        return found.json.revoked_at === null ? repo.updateRevoked(tx, credential_id) : found.json;
      });
      deps.guard.forget(ctx.tenant.id);
      return revoked;
    },
  };
}

export function organizationIdOf({ organizationId }: Pick<TenantCtx, 'organizationId'>): string {
  if (organizationId === null) throw new AppError('context_required');
  return organizationId;
}

function requireFuture(expiresAt: string | null | undefined, now: Date): void {
  if (expiresAt == null || Date.parse(expiresAt) > now.getTime()) return;
  const fields = [{ path: '/body/expires_at', message: 'must be in the future' }];
  throw new AppError('validation_failed', undefined, { fields });
}
