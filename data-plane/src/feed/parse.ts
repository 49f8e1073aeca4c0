import { FeedEntity } from '@platen/schema/contracts/internal/feed';
import { modules } from '@platen/schema/modules';
import { Compile } from 'typebox/compile';
import { Clean } from 'typebox/value';

const entity = Compile(FeedEntity);
const kinds = new Set(['tenant', 'organization', 'user_epoch', 'revoked_session', 'signing_keys', 'removed']);

export class FeedFormatError extends Error {
  override readonly name = 'FeedFormatError';
}

/**
 * Reads one entity. During a roll-out the control plane may be newer than this reader: an unknown kind is skipped
 * (null), unknown fields and modules are dropped. A known kind that still does not fit is an error, because serving
 * on with half a change could serve what it took away.
 */
export function parseEntity(value: unknown): FeedEntity | null {
  if (entity.Check(value)) return value;
  if (typeof value !== 'object' || value === null || !('kind' in value) || typeof value.kind !== 'string') {
    throw new FeedFormatError('A feed entity without a kind');
  }
  if (!kinds.has(value.kind)) return null;
  const cleaned = Clean(FeedEntity, 'modules' in value ? { ...value, modules: knownModules(value.modules) } : value);
  if (entity.Check(cleaned)) return cleaned;
  const [first] = entity.Errors(cleaned);
  throw new FeedFormatError(
    `A ${value.kind} of the feed does not fit: ${first?.instancePath ?? ''} ${first?.message ?? ''}`,
  );
}

const knownModules = (list: unknown): unknown =>
  Array.isArray(list)
    ? list.filter((grant) => typeof grant?.code !== 'string' || Object.hasOwn(modules, grant.code))
    : list;
