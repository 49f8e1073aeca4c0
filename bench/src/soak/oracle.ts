import { soakTopic } from './consumer-task.js';
import type { Stage } from './stage.js';
import type { Write } from './writes.js';

interface Occurrence {
  readonly event_id: string;
  readonly card: string;
  readonly version: number;
}

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
  const acknowledged = writes.filter(({ version }) => version !== null);
  const dropped = new Set(without);
  const wanted = stored.filter(({ event_id }) => !dropped.has(event_id));
  const broken = [
    ...lostWrites(acknowledged, stored),
    ...wrongCounts(wanted, effects),
    ...wrongOrder(wanted, effects),
    ...stage.crashes,
  ];
  return {
    acknowledged: acknowledged.length,
    stored: stored.length,
    effects: effects.length,
    repeats: repeats.length,
    broken,
  };
}

export async function listStored({ erp }: Stage): Promise<Occurrence[]> {
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

/** Acknowledged, and no event tells of it; or two writers were told the same version. */
function lostWrites(acknowledged: readonly Write[], stored: readonly Occurrence[]): string[] {
  const known = new Set(stored.map(({ card, version }) => `${card}:${version}`));
  return acknowledged
    .filter(({ card, version }) => !known.delete(`${card}:${version}`))
    .map(({ number, card, version }) => `write ${number} was acknowledged as ${card}:${version} and is not stored`);
}

function wrongCounts(wanted: readonly Occurrence[], effects: readonly Occurrence[]): string[] {
  const counts = new Map(wanted.map(({ event_id }) => [event_id, 0]));
  const strange: string[] = [];
  for (const { event_id } of effects) {
    const count = counts.get(event_id);
    if (count === undefined) strange.push(`an effect of ${event_id}, which is not stored or was dropped`);
    else counts.set(event_id, count + 1);
  }
  const wrong = [...counts].filter(([, count]) => count !== 1);
  return [...strange, ...wrong.map(([id, count]) => `event ${id} has ${count} effects`)];
}

function wrongOrder(wanted: readonly Occurrence[], effects: readonly Occurrence[]): string[] {
  const [expected, found] = [versionsByCard(wanted), versionsByCard(effects)];
  return [...expected]
    .filter(([card, versions]) => versions !== found.get(card))
    .map(([card, versions]) => `effects of ${card} are ${found.get(card) ?? 'none'}; its events are ${versions}`);
}

function versionsByCard(occurrences: readonly Occurrence[]): Map<string, string> {
  const versions = new Map<string, number[]>();
  for (const { card, version } of occurrences) versions.set(card, [...(versions.get(card) ?? []), version]);
  return new Map([...versions].map(([card, ofCard]) => [card, ofCard.join(' ')]));
}
