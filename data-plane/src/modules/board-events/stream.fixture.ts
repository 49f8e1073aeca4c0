import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { insertEvent } from '@platen/chassis/bus/outbox';
import { statement } from '@platen/chassis/db/statement';
import { systemDatabase } from '@platen/chassis/db/system-database';
import type { EventStreamSettings } from '@platen/chassis/http/event-streams';
import { createLogger } from '@platen/chassis/log/logger';
import { type TestDatabase, testDatabase } from '@platen/chassis/testkit/database';
import { patient } from '@platen/chassis/testkit/patient';
import type { Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { openTestPlane, type TestPlane, type TestTenant, tenantOf } from '../../testkit/test-plane.js';
import { startDataOutbox } from '../outbox/index.js';

export interface StreamedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly order_id?: string; readonly position?: string };
}

export interface Reader {
  readonly answer: IncomingMessage;
  readonly events: readonly StreamedEvent[];
  /** Resolves when it has caught up. */
  live(): Promise<void>;
  /** Resolves when it has so many events. */
  count(n: number): Promise<void>;
  close(): void;
  readonly ended: Promise<void>;
}

/** Whose event: null is all of the organization. */
export interface Where {
  readonly tenant: TestTenant;
  readonly organizationId?: string;
  readonly workspaceId?: string | null;
}

export interface StreamPlane extends TestPlane {
  readonly databases: readonly TestDatabase[];
  /** Commits events of these orders, one transaction each, and answers when they are committed. */
  publish(where: Where, ...orderIds: readonly string[]): Promise<void>;
  open(
    where: Where,
    options?: { readonly after?: string; readonly query?: string; readonly token?: string },
  ): Promise<Reader>;
}

const one = statement<{ one: string }>('test.stream_one', 'select 1 as one');

/** The plane over databases whose outboxes are sequenced, at a port. */
export async function startStreamPlane(
  t: Test,
  keys: readonly string[] = ['erp_1'],
  eventStreams: Partial<EventStreamSettings> = {},
): Promise<StreamPlane> {
  const databases = await Promise.all(keys.map(() => testDatabase(t, 'erp')));
  const log = createLogger({ service: 'test', level: 'silent' });
  const opened = databases.map(({ systemUrl }, n) => {
    const key = keys[n] ?? '';
    return { key, systemUrl, system: systemDatabase({ name: key, url: systemUrl, poolSize: 4, ...patient }) };
  });
  const outbox = startDataOutbox({ log, databases: opened });
  const plane = openTestPlane(t, Object.fromEntries(keys.map((key, n) => [key, databases[n] ?? never()])), {
    outboxes: outbox.databases,
    eventStreams,
  });
  t.teardown(async () => {
    await plane.app.tenant.close();
    outbox.endPolls();
    await outbox.stop();
    await Promise.all(opened.map(({ system }) => system.close()));
  });
  await plane.app.tenant.listen({ host: '127.0.0.1', port: 0 });
  const { port } = plane.app.tenant.server.address() as AddressInfo; // listening on TCP
  return {
    ...plane,
    databases,
    async publish(where, ...orderIds) {
      const { tenant, organizationId, workspaceId } = placeOf(where);
      const scope = { tenantId: tenant.id, organizationId, workspaceId };
      const db = plane.router.open(tenantOf(plane.store, tenant.id), scope);
      const origin = { ...scope, tenant, correlationId: 'test-publish', traceparent: null, newId: () => uuidv7() };
      for (const orderId of orderIds) {
        await db.transaction(async (tx) => {
          await tx.query(one);
          insertEvent(tx, origin, {
            type: 'erp.order.blanks_changed',
            aggregateId: orderId,
            data: { order_id: orderId, lines: [] },
          });
        });
      }
    },
    async open(where, { after, query = '', token } = {}) {
      const { tenant, organizationId, workspaceId } = placeOf(where);
      const bearer = token ?? plane.token(tenant, { org: organizationId, ws: workspaceId });
      const asked = request({
        host: '127.0.0.1',
        port,
        path: `/api/erp/production/board/events${query}`,
        headers: {
          host: `${tenant.slug}.localhost`,
          authorization: `Bearer ${bearer}`,
          ...(after !== undefined && { 'last-event-id': after }),
        },
      });
      asked.end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      t.teardown(() => asked.destroy());
      return readerOf(answer, () => asked.destroy());
    },
  };
}

const never = (): never => {
  throw new Error('a database for each key');
};

const placeOf = ({ tenant, organizationId = tenant.organizationIds[0], workspaceId = null }: Where) => ({
  tenant,
  organizationId,
  workspaceId,
});

function readerOf(answer: IncomingMessage, close: () => void): Reader {
  const events: StreamedEvent[] = [];
  let rest = '';
  let isLive = false;
  answer.setEncoding('utf8');
  answer.on('error', () => undefined);
  answer.on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const parts = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block);
      if (parts) events.push({ id: parts[1] ?? '', type: parts[2] ?? '', data: JSON.parse(parts[3] ?? '') });
      isLive ||= block === ':live';
    }
  });
  const ended = new Promise<void>((resolve) => answer.once('close', () => resolve()));
  const until = async (isThere: () => boolean) => {
    while (!isThere()) {
      if (answer.destroyed) throw new Error(`The stream ended after ${events.length} events`);
      await Promise.race([once(answer, 'data').catch(() => undefined), ended]);
    }
  };
  return {
    answer,
    events,
    live: () => until(() => isLive),
    count: (n) => until(() => events.length >= n),
    close,
    ended,
  };
}
