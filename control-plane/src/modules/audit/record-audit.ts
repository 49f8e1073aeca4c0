import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { CallCtx, Principal } from '@platen/chassis/http/types';
import type { AuditActorType } from '@platen/schema/tables/control/audit';

export interface AuditActor {
  readonly type: AuditActorType;
  readonly id: string | null;
}

export interface AuditEntry {
  /** `noun.verb`, e.g. `role.update`. */
  readonly action: `${string}.${string}`;
  /** `noun:id`, e.g. `role:0198…`. */
  readonly target: `${string}:${string}`;
  /** What it was and is: the fields that the API shows, never a secret or a hash of one. */
  readonly before?: object | null;
  readonly after?: object | null;
  /** Where it is not the caller: who signs in is nobody before. */
  readonly actor?: AuditActor;
}

const append = statement<never>(
  'audit_append',
  'select append_audit_event($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9, $10)',
);

/**
 * Writes down who did what, in the transaction that does it. `tenantId` null: on the platform itself. The chain's head is
 * locked until the commit, so it is kept for the write that commits: call it after the work and *before* what tells the
 * feed, always in this order.
 */
export function recordAudit(
  tx: Tx,
  ctx: Pick<CallCtx, 'principal' | 'ip' | 'correlationId' | 'newId'>,
  tenantId: string | null,
  entry: AuditEntry,
): void {
  const actor = entry.actor ?? actorOf(ctx.principal);
  tx.defer(append, [
    tenantId,
    ctx.newId(),
    actor.type,
    actor.id,
    entry.action,
    entry.target,
    jsonOf(entry.before),
    jsonOf(entry.after),
    ctx.ip,
    ctx.correlationId,
  ]);
}

const jsonOf = (value: object | null | undefined): string | null => (value == null ? null : JSON.stringify(value));

function actorOf(principal: Principal | null): AuditActor {
  if (principal === null) return { type: 'anonymous', id: null };
  if (principal.kind === 'device') throw new Error('a device sends readings, and nothing here takes them');
  return { type: principal.kind, id: principal.id };
}
