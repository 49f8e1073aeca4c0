import type { DnWriteBack } from '@platen/schema/contracts/data/dn-shapes';
import type { DnConnectionStatus, DnMapKind, DnTask } from '@platen/schema/states/deconetwork';
import type { InjectOptions } from 'fastify';
import type { Test } from 'tap';
import { v7 } from 'uuid';
import { harbor, mainStreet, userId } from '../../../test/sales.fixture.js';
import { openBuying } from '../../purchasing/buying.fixture.js';
import { acme, acmePrint, openShopPlane } from '../shop.fixture.js';

export interface MadeConnection {
  readonly id: string;
  readonly workspaceId: string | null;
}

/** A seeded shop that sells, buys and keeps stock, the plane over it, connections to sites that nobody calls, and a worker's client. */
export async function openSites(t: Test) {
  const buying = await openBuying(t);
  const { sales } = buying;
  const { plane, globex, client, sql, scope } = await openShopPlane(t, sales, ['erp.job']);

  return {
    ...buying,
    plane,
    client,
    globex,
    sql,
    scope,

    async connect(
      writeBack: Partial<DnWriteBack>,
      { status = 'active' as DnConnectionStatus, workspaceId = mainStreet as string | null } = {},
    ): Promise<MadeConnection> {
      const id = v7();
      await sql(
        `insert into dn_connections (tenant_id, organization_id, workspace_id, id, name, site_url, credentials, status,
           currency, write_back, created_by) values ($1, $2, $3, $4::uuid, 'Shop', 'https://' || $4, 'sealed', $5, 'EUR', $6, $7)`,
        [acme.id, acmePrint.id, workspaceId, id, status, JSON.stringify(writeBack), userId],
      );
      return { id, workspaceId };
    },

    async map(
      connection: MadeConnection,
      kind: DnMapKind,
      localId: string,
      parts: { readonly dnId?: string; readonly base?: object; readonly written?: object } = {},
    ): Promise<{ readonly id: string; readonly dnId: string }> {
      const id = v7();
      const { dnId = `D${id.slice(-6)}`, base = null, written = null } = parts;
      await sql(
        `insert into dn_maps (tenant_id, organization_id, workspace_id, id, connection_id, kind, dn_id, state, local_id,
           label, base, written) values ($1, $2, $3, $4, $5, $6, $7, 'mapped', $8, 'x', $9, $10)`,
        [acme.id, acmePrint.id, connection.workspaceId, id, connection.id, kind, dnId, localId, base, written],
      );
      return { id, dnId };
    },

    written: async (mapId: string) =>
      (await sql<{ written: unknown }>('select written from dn_maps where id = $1', [mapId]))[0]?.written,

    jobs: (connection: MadeConnection) =>
      sql<{ id: string; status: string; task: DnTask; workspace_id: string | null }>(
        `select id, status, payload ->> 'task' as task, workspace_id from erp_jobs where exclusive_key = 'dn:' || $1
         order by id`,
        [connection.id],
      ),

    /** A worker that has the connection's queued job. */
    async takeUp(connection: MadeConnection) {
      const [job] = await sql<{ id: string }>(
        `select id from erp_jobs where exclusive_key = 'dn:' || $1 and status = 'queued' order by id limit 1`,
        [connection.id],
      );
      if (!job) throw new Error('no job is queued');
      const owner = v7();
      const of = { ...scope(connection.workspaceId), id: job.id };
      const { job: claimed, refused } = await client.jobs.claim({ ...of, owner });
      if (!claimed) throw new Error(`not given: ${refused}`);
      return { ...of, owner, attempt: claimed.attempt };
    },

    /** Two of a tenant's jobs run at once: room for the next. */
    end: (held: {
      tenant_id: string;
      id: string;
      organization_id: string;
      workspace_id?: string;
      owner: string;
      attempt: number;
    }) => client.jobs.fail({ ...held, error: { code: 'test', message: 'Enough' }, retry: false }),

    async call(
      method: 'GET' | 'POST',
      url: string,
      { body, workspaceId = mainStreet as string | null, headers = {} as Record<string, string>, of = 'acme' } = {} as {
        body?: object;
        workspaceId?: string | null;
        headers?: Record<string, string>;
        of?: 'acme' | 'globex';
      },
    ) {
      const tenant =
        of === 'globex'
          ? globex
          : {
              id: acme.id,
              slug: 'acme',
              organizationIds: [acmePrint.id, acmePrint.id] as const,
              workspaceIds: [mainStreet, harbor] as const,
            };
      const token = plane.token(tenant, of === 'globex' ? {} : { ws: workspaceId, sub: userId });
      const options: InjectOptions = { method, url: `/api/erp/dn/${url}`, headers, ...(body && { payload: body }) };
      return plane.call(tenant, token, options);
    },
  };
}
export type Sites = Awaited<ReturnType<typeof openSites>>;
