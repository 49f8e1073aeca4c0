import type { TextCipher } from '@platen/chassis/auth/text-cipher';
import type { Tx } from '@platen/chassis/db/types';
import { dropDueWork } from '@platen/chassis/due-work/entries';
import { AppError, invalidField } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import type { RawJson } from '@platen/chassis/http/types';
import type { AllowedHosts } from '@platen/chassis/outbound/allowed-hosts';
import { siteUrlOf } from '@platen/chassis/outbound/site-url';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { dnConnections } from '@platen/schema/contracts/data/dn-connections';
import { type DnConnectionStatus, dnConnectionMachine } from '@platen/schema/states/deconetwork';
import { foundJson, type JsonRow, orDuplicate } from '../../../stored-json.js';
import {
  actorOf,
  type FindOrganization,
  organizationOf,
  requireMove,
  requireStatus,
  requireVersion,
} from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { type JobConnection, listOpenDnJobs, requestDnJob } from '../dn-jobs.js';
import { type Credentials, openCredentials, sealCredentials } from './credentials.js';
import type { DnConnectionRow } from './find.js';
import { lockOwnConnection } from './own-connection.js';
import * as repo from './repo.js';
import { dnSyncDue, putSchedule } from './schedule.js';

type Patch = BodyOf<typeof dnConnections.update>;

export interface ConnectionService {
  list(ctx: TenantCtx, query: QueryOf<typeof dnConnections.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: BodyOf<typeof dnConnections.create>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: Patch): Promise<RawJson>;
  test(ctx: TenantCtx, id: string): Promise<RawJson>;
  pause(ctx: TenantCtx, id: string): Promise<RawJson>;
  resume(ctx: TenantCtx, id: string): Promise<RawJson>;
  delete(ctx: TenantCtx, id: string): Promise<void>;
}

export interface ConnectionDeps {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
  readonly cipher: TextCipher;
  readonly allowedHosts: AllowedHosts;
}

const nothingWritten = { status: false, inventory: false, receipts: false, contact_customer: false };

export function createConnectionService(deps: ConnectionDeps): ConnectionService {
  const { cipher, allowedHosts } = deps;
  return {
    list: (ctx, { status, ...query }) => repo.listConnections(ctx, deps.cursors, query, { status }),

    get: async (ctx, id) => foundJson(await repo.findConnectionJson(ctx.db, id)),

    create(ctx, { site_url: siteUrl, username, password, ...body }) {
      const organization = organizationOf(deps.findOrganization, ctx);
      const owner = {
        tenant_id: ctx.tenant.id,
        organization_id: organization.id,
        workspace_id: ctx.workspaceId,
        id: ctx.newId(),
      };
      const row = {
        ...owner,
        name: body.name,
        site_url: requireSiteUrl(siteUrl, allowedHosts),
        credentials: sealCredentials(cipher, owner, { username, password }),
        currency: body.currency ?? organization.settings.currency,
        kinds: body.kinds ?? ['order'],
        create_missing: body.create_missing ?? [],
        conflict_rule: body.conflict_rule ?? 'review',
        write_back: { ...nothingWritten, ...body.write_back },
        sync_every_minutes: body.sync_every_minutes ?? null,
        field_map: body.field_map ?? {},
        created_by: actorOf(ctx),
      };
      return ctx.write(async (tx) => {
        const created = await orSiteTaken(repo.insertConnection(tx, row));
        repo.insertStatusMaps(tx, row, () => ctx.newId());
        await requestDnJob(tx, ctx, row, { task: 'test' });
        return foundJson(created);
      });
    },

    update: (ctx, id, body) =>
      change(ctx, id, async (tx, row) => {
        const { patch, isStrange } = await patchOf(tx, row, body);
        const updated = await orSiteTaken(repo.updateConnection(tx, id, patch));
        const { status = row.status, sync_every_minutes: every = row.sync_every_minutes } = patch;
        if (status !== row.status || every !== row.sync_every_minutes) {
          putSchedule(tx, { ...row, status, sync_every_minutes: every }, () => ctx.newId());
        }
        if (isStrange) await requestTest(tx, ctx, { ...row, name: patch.name ?? row.name });
        return updated;
      }),

    test: (ctx, id) =>
      change(ctx, id, async (tx, row) => {
        requireStatus(row.status, ['untested', 'active', 'rejected'], 'test');
        if (row.status === 'rejected') return testAgain(tx, ctx, row);
        // One that is active stays so while it is looked at.
        await requestTest(tx, ctx, row);
        return repo.findConnectionJson(tx, id);
      }),

    pause: (ctx, id) =>
      change(ctx, id, (tx, row) => {
        requireMove(dnConnectionMachine, row.status, 'paused');
        return moveTo(tx, ctx, row, 'paused');
      }),

    resume: (ctx, id) =>
      change(ctx, id, (tx, row) => {
        requireStatus(row.status, ['paused'], 'resumption');
        return testAgain(tx, ctx, row);
      }),

    async delete(ctx, id) {
      await ctx.write(async (tx) => {
        const row = await lockOwnConnection(tx, ctx, id);
        requireVersion(ctx, row.version);
        const open = await listOpenDnJobs(tx, id);
        if (open[0]) {
          const extensions = { job_id: open[0].id };
          throw new AppError('in_use', 'A job of this connection is open: cancel it first', { extensions });
        }
        dropDueWork(tx, { tenantId: row.tenant_id, kind: dnSyncDue, refId: id });
        await repo.deleteConnection(tx, id);
      });
    },
  };

  /** What becomes of a connection of the caller's context, under its lock. */
  function change(
    ctx: TenantCtx,
    id: string,
    work: (tx: Tx, row: DnConnectionRow) => Promise<JsonRow | undefined>,
  ): Promise<RawJson> {
    return ctx.write(async (tx) => {
      const row = await lockOwnConnection(tx, ctx, id);
      requireVersion(ctx, row.version);
      return foundJson(await work(tx, row));
    });
  }

  /** `isStrange`: nobody knows yet whether it can be signed in there like that. */
  async function patchOf(
    tx: Tx,
    row: DnConnectionRow,
    { username, password, site_url: givenUrl, write_back: writeBack, ...rest }: Patch,
  ): Promise<{ readonly patch: repo.ConnectionPatch; readonly isStrange: boolean }> {
    const siteUrl = givenUrl === undefined ? row.site_url : requireSiteUrl(givenUrl, allowedHosts);
    const isMoved = siteUrl !== row.site_url;
    // Whoever may change the address would otherwise have what they can't see sent to a place of their own.
    if (isMoved && (username === undefined || password === undefined)) {
      const message = 'is needed again for another address';
      const missing = [
        ...(username === undefined ? ['username'] : []),
        ...(password === undefined ? ['password'] : []),
      ];
      const fields = missing.map((name) => ({ path: `/body/${name}`, message }));
      throw new AppError('validation_failed', undefined, { fields });
    }
    // Also where they are the same: that would tell who guesses.
    const isStrange = isMoved || username !== undefined || password !== undefined;
    const patch = {
      ...rest,
      ...(isMoved && { site_url: siteUrl, field_map: rest.field_map ?? {} }),
      ...(writeBack && { write_back: { ...row.write_back, ...writeBack } }),
    };
    if (!isStrange) return { patch, isStrange };
    const credentials =
      username !== undefined && password !== undefined
        ? { username, password }
        : {
            ...(await oldCredentials(tx, row, username)),
            ...(username && { username }),
            ...(password && { password }),
          };
    return {
      patch: { ...patch, credentials: sealCredentials(cipher, row, credentials), status: 'untested' },
      isStrange,
    };
  }

  /** @throws AppError validation_failed: the key that they were encrypted with is gone */
  async function oldCredentials(tx: Tx, row: DnConnectionRow, username: string | undefined): Promise<Credentials> {
    const sealed = await repo.findSealedCredentials(tx, row.id);
    const old = openCredentials(cipher, row, sealed);
    if (old) return old;
    const path = username === undefined ? '/body/username' : '/body/password';
    const message = 'is needed again: what was there can’t be read any more';
    throw invalidField(path, message);
  }
}

const orSiteTaken = <R>(write: Promise<R>): Promise<R> =>
  orDuplicate(write, 'dn_connections_site_key', 'There is a connection to this site already', '/body/site_url');

/** @throws AppError site_url_unacceptable */
function requireSiteUrl(text: string, allowedHosts: AllowedHosts): string {
  const site = siteUrlOf(text, allowedHosts);
  if ('url' in site) return site.url;
  const fields = [{ path: '/body/site_url', message: site.problem }];
  throw new AppError('site_url_unacceptable', `The address can't be used: ${site.problem}`, { fields });
}

async function moveTo(
  tx: Tx,
  ctx: TenantCtx,
  row: DnConnectionRow,
  status: DnConnectionStatus,
): Promise<JsonRow | undefined> {
  const moved = await repo.updateConnection(tx, row.id, { status });
  putSchedule(tx, { ...row, status }, () => ctx.newId());
  return moved;
}

async function testAgain(tx: Tx, ctx: TenantCtx, row: DnConnectionRow): Promise<JsonRow | undefined> {
  const moved = await moveTo(tx, ctx, row, 'untested');
  await requestTest(tx, ctx, row);
  return moved;
}

/** One that waits already will find what is there now; one that runs may have found what was there before. */
async function requestTest(tx: Tx, ctx: TenantCtx, row: JobConnection): Promise<void> {
  const open = await listOpenDnJobs(tx, row.id);
  if (!open.some(({ task, status }) => task === 'test' && status === 'queued')) {
    await requestDnJob(tx, ctx, row, { task: 'test' });
  }
}
