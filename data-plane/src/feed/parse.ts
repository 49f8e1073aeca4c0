import { createChecker, createCleaner } from '@platen/chassis/validation/checker';
import {
  type FeedEntity,
  FeedOrganization,
  FeedRemoval,
  FeedRevokedSession,
  FeedSigningKeys,
  FeedTenant,
  FeedUserEpoch,
} from '@platen/schema/contracts/internal/feed';
import { modules } from '@platen/schema/modules';

const schemas = {
  tenant: FeedTenant,
  organization: FeedOrganization,
  user_epoch: FeedUserEpoch,
  revoked_session: FeedRevokedSession,
  signing_keys: FeedSigningKeys,
  removed: FeedRemoval,
} as const satisfies { readonly [K in FeedEntity['kind']]: unknown };
const readers = new Map<
  string,
  { check(value: unknown): value is FeedEntity; describe(value: unknown): string; clean(value: unknown): unknown }
>(Object.entries(schemas).map(([kind, schema]) => [kind, { ...createChecker(schema), clean: createCleaner(schema) }]));

export class FeedFormatError extends Error {
  override readonly name = 'FeedFormatError';
}

/**
 * Reads one entity. During a roll-out the control plane may be newer than this reader: an unknown kind is skipped
 * (null), unknown fields and modules are dropped. A known kind that still does not fit is an error, because serving
 * on with half a change could serve what it took away.
 */
export function parseEntity(value: unknown): FeedEntity | null {
  if (typeof value !== 'object' || value === null || !('kind' in value) || typeof value.kind !== 'string') {
    throw new FeedFormatError('A feed entity without a kind');
  }
  const reader = readers.get(value.kind);
  if (reader === undefined) return null;
  if (reader.check(value)) return value;
  const cleaned = reader.clean('modules' in value ? { ...value, modules: knownModules(value.modules) } : value);
  if (reader.check(cleaned)) return cleaned;
  throw new FeedFormatError(`A ${value.kind} of the feed does not fit ${reader.describe(cleaned)}`);
}

const knownModules = (list: unknown): unknown =>
  Array.isArray(list)
    ? list.filter((grant) => typeof grant?.code !== 'string' || Object.hasOwn(modules, grant.code))
    : list;
