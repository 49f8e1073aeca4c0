import { soakTopic } from './consumer-task.js';
import { findBroken, type Occurrence } from './oracle.js';
import type { Stage } from './stage.js';
import type { Write } from './writes.js';

export interface Judgement {
  readonly acknowledged: number;
  readonly stored: number;
  readonly effects: number;
  /** Deliveries of an event whose effect was there already. */
  readonly repeats: number;
  /** What a promise was broken with, a line each. */
  readonly broken: readonly string[];
}

/** `without`: events that somebody dropped, which have no effect. */
export async function judge(
  stage: Stage,
  writes: readonly Write[],
  without: readonly string[] = [],
): Promise<Judgement> {
  const stored = await listStored(stage);
  const effects = await listEffects(stage, 'soak_effects');
  const repeats = await listEffects(stage, 'soak_repeats');
  const acknowledged = writes.flatMap((write) =>
    write.version === null ? [] : [{ ...write, version: write.version }],
  );
  const broken = [...findBroken({ acknowledged, stored, effects, without }), ...stage.crashes];
  return {
    acknowledged: acknowledged.length,
    stored: stored.length,
    effects: effects.length,
    repeats: repeats.length,
    broken,
  };
}

async function listStored({ erp }: Stage): Promise<Occurrence[]> {
  const { rows } = await erp.query<Occurrence>(
    `select id as event_id, split_part(key, ':', 2) as card, (payload ->> 'version')::int as version
     from outbox_events where topic = $1 order by card, version`,
    [soakTopic],
  );
  return rows;
}

async function listEffects({ effects }: Stage, table: 'soak_effects' | 'soak_repeats'): Promise<Occurrence[]> {
  const { rows } = await effects.query<Occurrence>(`select event_id, card, version from ${table} order by seq`);
  return rows;
}
