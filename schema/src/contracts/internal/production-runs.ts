import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Id, Name, nullable, Timestamp } from '../shapes.js';

/** A run as it stands: totals, so that telling of it again changes nothing. */
export const ToldRun = closed({
  id: Id,
  device_id: Id,
  device_name: Name,
  started_at: Timestamp,
  /** null: it goes on. */
  ended_at: nullable(Timestamp),
  /** All that were counted since it began. */
  pieces: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
  /** Of a piece, lately. */
  cycle_seconds: nullable(Type.Number({ minimum: 0.001, maximum: 1_000_000 })),
  counted_at: nullable(Timestamp),
  /** Where the card goes once every piece is done; null: it stays. */
  next_stage_id: nullable(Id),
});
export type ToldRun = Static<typeof ToldRun>;

export const productionRuns = contracts('internal.productionRuns', {
  record: {
    method: 'POST',
    path: '/internal/tenants/:tenant_id/production-jobs/:id/runs',
    access: { service: 'telemetry' },
    summary: 'Tell a job what a machine counted of it; once for its event',
    description:
      'Pieces that the job lacks are done by that. What a job that is closed, or whose order is not in production, cannot take is kept with the run and taken when it can.',
    params: closed({ tenant_id: Id, id: Id }),
    body: closed({ organization_id: Id, workspace_id: Type.Optional(nullable(Id)), event_id: Id, run: ToldRun }),
    status: 200,
    response: closed({
      /** Pieces that this call made done. */
      recorded: Type.Integer({ minimum: 0 }),
      /** Did the card go on to the next stage? */
      moved: Type.Boolean(),
    }),
    idempotency: 'exempt',
  },
});
