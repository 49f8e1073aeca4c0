import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { limitCodes, type ModuleCode, modules } from '../../modules.js';
import { Jwk } from '../control/keys.js';
import { Currency, closed, Id, literals, Name, nullable, PostalAddress, partial, Text, Timestamp } from '../shapes.js';

/**
 * The config feed, control plane → data planes. A change carries the whole entity (an upsert by its key), so that
 * applying one twice, or one that the snapshot holds already, changes nothing.
 */
export const tenantStatuses = ['provisioning', 'provision_failed', 'active', 'suspended', 'deleting'] as const;
export const instanceKinds = ['data-plane', 'control-plane'] as const;
export const taxRoundings = ['line', 'document'] as const;
const moduleCodes = Object.keys(modules) as ModuleCode[];

export const FeedTenant = closed({
  kind: Type.Literal('tenant'),
  id: Id,
  slug: Type.String(),
  name: Name,
  status: literals(tenantStatuses),
  /** Verified domains beside `<slug>.<base domain>`. */
  domains: Type.Array(Type.String()),
  /** The one of them that links in mails lead to. null: `<slug>.<base domain>`; absent: an older control plane did not say. */
  primary_domain: Type.Optional(nullable(Type.String())),
  /** Of the domains, those that stand for one context. Absent from entities of a control plane that knew no stores. */
  stores: Type.Optional(
    Type.Array(closed({ domain: Type.String(), id: Id, organization_id: Id, workspace_id: nullable(Id) })),
  ),
  erp_db_key: Type.String(),
  telemetry_db_key: nullable(Type.String()),
  /** Tokens with a lower tenant epoch are stale. */
  authz_epoch: Type.Integer(),
  /** What the tenant has, or will have from `valid_from` on; exclusive at `valid_until`. */
  modules: Type.Array(
    closed({ code: Type.Enum(moduleCodes), valid_from: Type.Optional(Timestamp), valid_until: nullable(Timestamp) }),
  ),
  /** null: unlimited; absent: the limit does not exist in the plan. */
  limits: partial(Object.fromEntries(limitCodes.map((code) => [code, nullable(Type.Integer())]))),
});

/** Beside the settings, which organizations share: this is each one's own. */
export const Letterhead = closed({
  legal_name: nullable(Name),
  address: nullable(PostalAddress),
  tax_number: nullable(Type.String()),
  terms: nullable(Text),
  /** A picture among the organization's files. */
  logo_file_id: nullable(Id),
});

export const FeedOrganization = closed({
  kind: Type.Literal('organization'),
  tenant_id: Id,
  id: Id,
  code: Type.String(),
  name: Name,
  status: literals(['active', 'archived'] as const),
  settings: closed({
    workspace_required: Type.Boolean(),
    currency: Currency,
    time_zone: Type.String(),
    locale: Type.String(),
    tax_rounding: literals(taxRoundings),
    quote_prefix: Type.String(),
    order_prefix: Type.String(),
    quote_valid_days: Type.Integer(),
    /** These and `letterhead` are absent from entities of an older control plane. */
    purchase_order_prefix: Type.Optional(Type.String()),
    /** How much more than ordered may be received. */
    receipt_tolerance_percent: Type.Optional(Type.String()),
  }),
  /** What its documents say of it; null: nothing was said, and its name stands there. */
  letterhead: Type.Optional(nullable(Letterhead)),
  workspaces: Type.Array(closed({ id: Id, code: Type.String(), name: Name })),
});

/** Tokens of this user with a lower user epoch are stale. */
export const FeedUserEpoch = closed({
  kind: Type.Literal('user_epoch'),
  tenant_id: Id,
  user_id: Id,
  authz_epoch: Type.Integer(),
});

/** Kept by readers until `forget_at`: one access-token lifetime and a minute after the revocation. */
export const FeedRevokedSession = closed({
  kind: Type.Literal('revoked_session'),
  tenant_id: Id,
  session_id: Id,
  forget_at: Timestamp,
});

export const FeedSigningKeys = closed({ kind: Type.Literal('signing_keys'), keys: Type.Array(Jwk) });

export const FeedRemoval = closed({
  kind: Type.Literal('removed'),
  entity: literals(['tenant', 'organization'] as const),
  id: Id,
});

export const FeedEntity = Type.Union([
  FeedTenant,
  FeedOrganization,
  FeedUserEpoch,
  FeedRevokedSession,
  FeedSigningKeys,
  FeedRemoval,
]);
export type FeedEntity = Static<typeof FeedEntity>;
export type FeedTenant = Static<typeof FeedTenant>;
export type FeedOrganization = Static<typeof FeedOrganization>;

/** `control_changes.seq` as decimal text: a bigint does not fit a JSON number. 18 digits: every one of them fits a bigint. */
export const FeedPosition = Type.String({ pattern: '^\\d{1,18}$' });
export const FeedChange = closed({ position: FeedPosition, entity: FeedEntity });
export type FeedChange = Static<typeof FeedChange>;

export const feed = contracts('internal.feed', {
  snapshot: {
    method: 'GET',
    path: '/internal/snapshot',
    access: { service: 'feed' },
    summary: 'Everything a data plane must know, at one position',
    description:
      'NDJSON: a first line `{"position","taken_at"}`, then one feed entity a line, then `{"end":true,"count"}`.',
    status: 200,
    response: Type.String(),
    mediaType: 'application/x-ndjson',
  },
  changes: {
    method: 'GET',
    path: '/internal/changes',
    access: { service: 'feed' },
    summary: 'Changes after a position, waiting for one if there is none',
    query: closed({
      after: FeedPosition,
      wait_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 25, default: 25 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 500 })),
    }),
    status: 200,
    response: closed({ changes: Type.Array(FeedChange), position: FeedPosition }),
    errors: ['feed_gone'],
  },
});

/** As an instance finds a database that it has in its catalogue. */
export const instanceDatabaseStates = ['ok', 'degraded', 'schema_behind', 'away'] as const;
export type InstanceDatabaseState = (typeof instanceDatabaseStates)[number];

export const instances = contracts('internal.instances', {
  report: {
    method: 'POST',
    path: '/internal/instances',
    access: { service: 'feed' },
    summary: 'Heartbeat of an instance: how far it is and which keys it holds',
    body: closed({
      instance_id: Id,
      kind: literals(['data-plane'] as const),
      feed_position: FeedPosition,
      key_ids: Type.Array(Type.String({ maxLength: 128 }), { maxItems: 32 }),
      /** Of each database in its catalogue, by key. */
      databases: Type.Optional(
        Type.Record(Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' }), literals(instanceDatabaseStates), {
          maxProperties: 1_000,
        }),
      ),
    }),
    status: 204,
    idempotency: 'exempt',
  },
  leave: {
    method: 'DELETE',
    path: '/internal/instances/:instance_id',
    access: { service: 'feed' },
    summary: 'An instance stops: a rotation of keys waits for it no longer',
    params: closed({ instance_id: Id }),
    status: 204,
  },
});
