/** An event, or the effect of one. */
export interface Occurrence {
  readonly event_id: string;
  readonly card: string;
  readonly version: number;
}
export interface Acknowledged {
  readonly number: number;
  readonly card: string;
  readonly version: number;
}

export interface Found {
  readonly acknowledged: readonly Acknowledged[];
  /** Events, by card and version. */
  readonly stored: readonly Occurrence[];
  /** In the order in which they came to be. */
  readonly effects: readonly Occurrence[];
  /** Events that somebody dropped, which have no effect. */
  readonly without: readonly string[];
}

/** What was acknowledged is stored; each event has its effect, once, in order of its card. A line for each that is not so. */
export function findBroken({ acknowledged, stored, effects, without }: Found): string[] {
  const dropped = new Set(without);
  const wanted = stored.filter(({ event_id }) => !dropped.has(event_id));
  return [...lostWrites(acknowledged, stored), ...wrongCounts(wanted, effects), ...wrongOrder(wanted, effects)];
}

/** Acknowledged, and no event tells of it; or two writers were told the same version. */
function lostWrites(acknowledged: readonly Acknowledged[], stored: readonly Occurrence[]): string[] {
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
