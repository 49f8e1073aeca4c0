import postgres from 'postgres';
import { type DatabaseOptions, openLanes } from './lanes.js';
import { type LeaseHolder, queryOnLease, transactOnLease } from './on-lease.js';
import { noStats, type Queryable, type Tx } from './types.js';

export interface Listening {
  stop(): Promise<void>;
}

/**
 * The role that sees all tenants' plumbing and nothing else (outbox, due work, clean-up). It has no scope, and a type of its
 * own, so that it cannot be passed for a tenant's access.
 */
export interface SystemDatabase extends Queryable {
  readonly role: 'system';
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Calls back on each NOTIFY. Notifications are lost while the connection is away, so `onListening` is called when it is
   * (again) there: look then at what may have come meanwhile. Rejects if the first connection fails.
   */
  listen(channel: string, onNotify: (payload: string) => void, onListening?: () => void): Promise<Listening>;
  close(): Promise<void>;
}

export type SystemDatabaseOptions = Omit<DatabaseOptions, 'pipelined' | 'perTenantShare'>;

export function systemDatabase(options: SystemDatabaseOptions): SystemDatabase {
  const lanes = openLanes({ ...options, pipelined: 0, perTenantShare: 1 });
  const holder: LeaseHolder = { lane: lanes.leased, tenantId: 'system', scope: () => [], stats: noStats() };
  let listener: postgres.Sql | undefined;
  return {
    role: 'system',
    query: (declared, values) => queryOnLease(holder, declared, values),
    transaction: (work) => transactOnLease(holder, work),
    listen: async (channel, onNotify, onListening) => {
      // It reconnects by itself, with back-off. Made on first use: most processes never listen.
      listener ??= postgres(options.url, {
        max: 1,
        connect_timeout: 5,
        connection: { application_name: `platen ${options.name} listen` },
        onnotice: () => undefined,
      });
      const request = await listener.listen(channel, onNotify, onListening);
      return { stop: () => request.unlisten() };
    },
    close: async () => {
      await Promise.all([lanes.close(), listener?.end({ timeout: 1 })]);
    },
  };
}
