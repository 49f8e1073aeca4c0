import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { FeedPosition, instanceDatabaseStates, instanceKinds } from '../internal/feed.js';
import { closed, Id, literals, nullable, Timestamp } from '../shapes.js';

export const maxFeedLag = 10_000;

const auditor = { platform: 'auditor' } as const;
const State = literals(instanceDatabaseStates);

export const dataPlanes = contracts('platform.dataPlanes', {
  list: {
    method: 'GET',
    path: '/platform/data-planes',
    access: auditor,
    summary: 'List the running instances: when they were last seen, how far they are, what they hold',
    description: 'Control planes are among them. An instance that is long gone is forgotten.',
    status: 200,
    response: closed({
      items: Type.Array(
        closed({
          id: Id,
          kind: literals(instanceKinds),
          /** Seen within the last half minute. */
          alive: Type.Boolean(),
          last_seen_at: Timestamp,
          started_at: Timestamp,
          feed_position: FeedPosition,
          /** Changes that it had yet to read when it was last seen; counted no further than `maxFeedLag`. */
          feed_lag: Type.Integer({ maximum: maxFeedLag }),
          key_ids: Type.Array(Type.String()),
          databases: Type.Array(closed({ key: Type.String(), state: State })),
        }),
      ),
    }),
  },
});

export const databases = contracts('platform.databases', {
  list: {
    method: 'GET',
    path: '/platform/databases',
    access: auditor,
    summary: 'List the databases by key: the tenants on each, and how live data planes find it',
    description: 'Keys that a data plane has in its catalogue, and keys that a tenant is configured with.',
    status: 200,
    response: closed({
      items: Type.Array(
        closed({
          key: Type.String(),
          /** The worst that a live data plane reports; null: none of them knows the key. */
          state: nullable(State),
          data_planes: Type.Integer(),
          tenants: Type.Integer(),
          tenants_by_status: Type.Array(closed({ status: Type.String(), tenants: Type.Integer() })),
        }),
      ),
    }),
  },
});
