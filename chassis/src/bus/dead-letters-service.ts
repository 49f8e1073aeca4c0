import type { LetterRef } from '@platen/schema/contracts/internal/dead-letters';
import type { EventSource } from '@platen/schema/events/cloud-event';
import { AppError } from '../http/app-error.js';
import type { Logger } from '../log/logger.js';
import {
  dropLetters,
  findLetter,
  type LetterFilter,
  type LetterId,
  type LetterPlace,
  listLetters,
  replayLetters,
} from './dead-letters-store.js';
import { type LetterBell, type LettersSource, unknownSource } from './letters-service.js';
import type { LettersDatabase } from './letters-store.js';
import { sourceIdOf } from './source-id.js';

export interface LettersPage {
  /** JSON texts. */
  readonly items: readonly string[];
  readonly nextCursor: string | null;
  readonly away: readonly string[];
}
export interface ActInput {
  readonly letters: readonly LetterRef[];
  /** Who, for the log. */
  readonly by: string;
  readonly principalId: string | null;
}
interface Acted<O extends string> {
  readonly event_id: string;
  readonly outcome: O | 'gone';
}

export interface DeadLettersService {
  list(filter: LetterFilter, limit: number, cursor: string | undefined): Promise<LettersPage>;
  get(ref: LetterRef): Promise<string>;
  replay(input: ActInput): Promise<Acted<'replayed' | 'following' | 'in_hand'>[]>;
  drop(input: ActInput): Promise<Acted<'dropped' | 'in_hand'>[]>;
}

export function createDeadLettersService(deps: {
  readonly databases: readonly LettersSource[];
  readonly eventSource: EventSource;
  readonly bell: LetterBell;
  readonly log: Logger;
}): DeadLettersService {
  const { bell, eventSource, log } = deps;
  const sources = deps.databases
    .map(({ key, system }) => ({ key, system, id: sourceIdOf(key) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const databaseOf = (id: string): LettersDatabase => {
    const source = sources.find((candidate) => candidate.id === id);
    if (!source) throw unknownSource();
    return source.system;
  };

  /** One call a database; answers in the order of the letters. */
  async function act<O extends string>(
    { letters, by, principalId }: ActInput,
    what: string,
    work: (db: LettersDatabase, ids: readonly LetterId[]) => Promise<readonly Acted<O>[]>,
  ): Promise<Acted<O>[]> {
    const outcomes = new Map<string, O | 'gone'>();
    for (const source of new Set(letters.map((letter) => letter.source))) {
      const ofSource = letters.filter((letter) => letter.source === source);
      const acted = await work(
        databaseOf(source),
        ofSource.map(({ consumer, tenant_id, event_id }) => ({ consumer, tenant_id, event_id })),
      );
      for (const { event_id, outcome } of acted) outcomes.set(event_id, outcome);
      log.info({ by, service: principalId, source, letters: acted }, what);
    }
    for (const consumer of new Set(letters.map((letter) => letter.consumer))) bell.ring(consumer);
    return letters.map(({ event_id }) => ({ event_id, outcome: outcomes.get(event_id) ?? 'gone' }));
  }

  return {
    async list(filter, limit, cursor) {
      const from = cursor === undefined ? null : parseCursor(cursor);
      const items: string[] = [];
      const away: string[] = [];
      for (const { id, key, system } of sources) {
        if (from !== null && id < from.source) continue;
        const after = from?.source === id ? from.place : null;
        try {
          const rows = await listLetters(system, { source: id, limit: limit - items.length, after, filter });
          for (const { item, place } of rows) {
            items.push(item);
            if (items.length === limit) return { items, nextCursor: cursorAt(id, place), away };
          }
        } catch (error) {
          log.warn({ database: key, error }, 'letters cannot be read');
          away.push(id);
        }
      }
      return { items, nextCursor: null, away };
    },

    async get(ref) {
      const letter = await findLetter(databaseOf(ref.source), ref.source, eventSource, ref);
      if (letter === null) throw new AppError('not_found');
      return letter;
    },

    replay: (input) => act(input, 'letters replayed', replayLetters),
    drop: (input) => act(input, 'letters dropped', dropLetters),
  };
}

const cursorAt = (source: string, place: LetterPlace): string =>
  Buffer.from(JSON.stringify([source, ...place])).toString('base64url');

/** Not signed: whoever may list sees everything there is. */
function parseCursor(cursor: string): { readonly source: string; readonly place: LetterPlace } {
  const parts = readJson(Buffer.from(cursor, 'base64url').toString());
  if (!Array.isArray(parts) || parts.length !== 5 || !parts.every((part) => typeof part === 'string')) {
    throw new AppError('invalid_cursor');
  }
  const [source = '', consumer = '', topic = '', key = '', position = ''] = parts;
  if (!/^\d{1,18}$/.test(position)) throw new AppError('invalid_cursor');
  return { source, place: [consumer, topic, key, position] };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
