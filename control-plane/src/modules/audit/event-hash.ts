import { createHash } from 'node:crypto';
import { readMembers } from './jsonb-text.js';

/** An event as its line in an export shows it: each member's JSON text, as Postgres writes a jsonb. */
export interface ChainedEvent {
  readonly seq: number;
  readonly tenantId: string | null;
  readonly prevHash: string;
  readonly hash: string;
  readonly members: ReadonlyMap<string, string>;
}

/** What the hash covers, in this order; `created_at` as milliseconds since 1970. */
const covered = [
  'seq',
  'id',
  'tenant_id',
  'actor_type',
  'actor_id',
  'action',
  'target',
  'before',
  'after',
  'ip',
  'correlation_id',
  'created_at',
  'prev_hash',
] as const;

/** @throws SyntaxError when the line is no event */
export function readEvent(line: string): ChainedEvent {
  const members = readMembers(line);
  const read = (name: string): unknown => JSON.parse(members.get(name) ?? 'null');
  const [seq, tenantId, prevHash, hash] = [read('seq'), read('tenant_id'), read('prev_hash'), read('hash')];
  const isEvent =
    Number.isSafeInteger(seq) &&
    (tenantId === null || typeof tenantId === 'string') &&
    typeof prevHash === 'string' &&
    typeof hash === 'string' &&
    covered.every((name) => members.has(name));
  if (!isEvent) throw new SyntaxError('Not an audit event');
  return { seq: seq as number, tenantId, prevHash, hash, members };
}

/** As the database's function `audit_event_hash` makes it. */
export function hashOf({ members }: ChainedEvent): string {
  const values = covered.map((name) => {
    const text = members.get(name) ?? 'null';
    return name === 'created_at' ? String(Date.parse(JSON.parse(text) as string)) : text;
  });
  return createHash('sha256')
    .update(`[${values.join(', ')}]`)
    .digest('hex');
}
