import type { DeadLetter } from '@platen/schema/contracts/internal/dead-letters';
import type { DataInternalClient } from '@platen/sdk/internal';
import { letterTable } from './letter-table.js';
import { type Filter, type Options, type PlaneName, readOptions, UsageError, usage } from './options.js';

export const exitCodes = { ok: 0, failed: 1, usage: 2, refused: 3 } as const;

export type DeadLettersClient = DataInternalClient['deadLetters'];
export interface PlaneLetter extends DeadLetter {
  readonly plane: PlaneName;
}

export interface DeadLettersDeps {
  /** Called when the words are understood: a wrong configuration says nothing about wrong words. */
  connect(): Readonly<Record<PlaneName, DeadLettersClient>>;
  /** To the standard output. */
  print(line: string): void;
  /** Progress and warnings. */
  tell(line: string): void;
  /** null: there is nobody to ask. */
  confirm(question: string): Promise<boolean | null>;
  /** For the planes' log. */
  readonly by: string;
}

const pageSize = 200;
const actedAtOnce = 50;

/** @throws UsageError */
export async function runDeadLetters(words: readonly string[], deps: DeadLettersDeps): Promise<number> {
  const options = readOptions(words);
  if (options === null) {
    deps.print(usage);
    return exitCodes.ok;
  }
  const clients = deps.connect();
  const { letters, isPartial } = await findLetters(clients, options, deps);
  if (options.command === 'list') printList(letters, options, deps);
  const code = options.command === 'list' ? exitCodes.ok : await actOn(letters, clients, options, deps);
  return isPartial ? exitCodes.failed : code;
}

/** All that match. What cannot be read is told, and the rest goes on. */
async function findLetters(
  clients: Readonly<Record<PlaneName, DeadLettersClient>>,
  { planes, filter }: Options,
  { tell }: DeadLettersDeps,
): Promise<{ readonly letters: PlaneLetter[]; readonly isPartial: boolean }> {
  const letters: PlaneLetter[] = [];
  let isPartial = false;
  for (const plane of planes) {
    try {
      for await (const { items, away } of readPages(clients[plane], filter)) {
        for (const item of items) letters.push({ plane, ...item });
        for (const source of away) tell(`a database of the ${plane} plane cannot be read: ${source}`);
        isPartial ||= away.length > 0;
      }
    } catch (error) {
      tell(`the ${plane} plane: ${error instanceof Error ? error.message : String(error)}`);
      isPartial = true;
    }
  }
  return { letters, isPartial };
}

async function* readPages(client: DeadLettersClient, filter: Filter) {
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<DeadLettersClient['list']>> = await client.list({
      ...filter,
      limit: pageSize,
      ...(cursor !== null && { cursor }),
    });
    yield page;
    cursor = page.next_cursor;
    if (cursor === null) return;
  }
}

function printList(letters: readonly PlaneLetter[], { json }: Options, { print, tell }: DeadLettersDeps): void {
  if (json) for (const letter of letters) print(JSON.stringify(letter));
  else if (letters.length > 0) for (const line of letterTable(letters)) print(line);
  tell(letters.length === 1 ? '1 letter' : `${letters.length} letters`);
}

async function actOn(
  letters: readonly PlaneLetter[],
  clients: Readonly<Record<PlaneName, DeadLettersClient>>,
  options: Options,
  deps: DeadLettersDeps,
): Promise<number> {
  if (letters.length === 0) {
    deps.tell('nothing like that is parked');
    return exitCodes.refused;
  }
  if (options.command === 'show') return showLetters(letters, clients, deps);
  if (options.command === 'replay') return act('replay', letters, clients, options, deps);
  if (!options.yes) {
    const events = letters.length === 1 ? '1 event' : `${letters.length} events`;
    const answer = await deps.confirm(`Drop ${events} for good? Their consumer will never handle them. [y/N] `);
    if (answer === null) throw new UsageError('drop asks before it does so; without a terminal it takes --yes');
    if (!answer) {
      deps.tell('nothing dropped');
      return exitCodes.refused;
    }
  }
  // The last of a key first: dropping an earlier one would start those behind it.
  return act('drop', [...letters].reverse(), clients, options, deps);
}

async function showLetters(
  letters: readonly PlaneLetter[],
  clients: Readonly<Record<PlaneName, DeadLettersClient>>,
  { print }: DeadLettersDeps,
): Promise<number> {
  for (const letter of letters) {
    const found = await clients[letter.plane].get(refOf(letter));
    print(JSON.stringify({ plane: letter.plane, ...found }, null, 2));
  }
  return exitCodes.ok;
}

const refOf = ({ source, consumer, tenant_id, event_id }: PlaneLetter) => ({ source, consumer, tenant_id, event_id });

/** Some at a time, so that one who stops it knows how far it came. */
async function act(
  what: 'replay' | 'drop',
  letters: readonly PlaneLetter[],
  clients: Readonly<Record<PlaneName, DeadLettersClient>>,
  { json }: Options,
  { print, tell, by }: DeadLettersDeps,
): Promise<number> {
  const counts = new Map<string, number>();
  let acted = 0;
  for (const plane of new Set(letters.map((letter) => letter.plane))) {
    const ofPlane = letters.filter((letter) => letter.plane === plane);
    for (let first = 0; first < ofPlane.length; first += actedAtOnce) {
      const some = ofPlane.slice(first, first + actedAtOnce).map(refOf);
      const answer = await clients[plane][what]({ letters: some, by });
      for (const { event_id, outcome } of answer.letters) {
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        if (json) print(JSON.stringify({ plane, event_id, outcome }));
      }
      acted += some.length;
      if (letters.length > actedAtOnce) tell(`${acted} of ${letters.length}`);
    }
  }
  const say = json ? tell : print;
  for (const [outcome, count] of counts) say(`${count} ${meanings[outcome] ?? outcome}`);
  return counts.has('in_hand') || counts.has('gone') ? exitCodes.refused : exitCodes.ok;
}

const meanings: Readonly<Record<string, string>> = {
  replayed: 'replayed',
  dropped: 'dropped',
  following: 'left: their turn comes after an earlier event of their key',
  in_hand: 'left: a consumer tries them at this moment; say it again',
  gone: 'not there any more',
};
