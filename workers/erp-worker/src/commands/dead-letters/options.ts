import { parseArgs } from 'node:util';
import { type LetterState, letterStates } from '@platen/schema/contracts/internal/dead-letters';

export const usage = `usage: npm run dead-letters -- <command> [options]
  list     parked events, key by key in their order
  show     one of them, with the event and its last error
  replay   try them now, as if they came for the first time
  drop     give them up; what follows them is handled. Asks before it does so

which ones
  --consumer <name>        of this consumer, such as erp-worker
  --tenant <id>            of this tenant
  --key <key>              of this key, <tenant>:<aggregate>; with --tenant the aggregate's id alone
  --event <id>             this event
  --state <state>          waiting (tried again by itself), following (behind an earlier one) or dead
  --plane control|data     of this plane's databases; otherwise of both
how
  --yes                    drop without asking
  --json                   JSON, one letter a line, instead of a table
replay and drop take a consumer, a key or an event: never everything.
exit codes: 0 done, 1 failed or only in part, 2 wrong words or configuration, 3 nothing found or something refused`;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const planeNames = ['control', 'data'] as const;
export type PlaneName = (typeof planeNames)[number];
export const commands = ['list', 'show', 'replay', 'drop'] as const;
export type Command = (typeof commands)[number];

export interface Filter {
  readonly consumer?: string;
  readonly tenant_id?: string;
  readonly key?: string;
  readonly event_id?: string;
  readonly state?: LetterState;
}

export interface Options {
  readonly command: Command;
  readonly planes: readonly PlaneName[];
  readonly filter: Filter;
  readonly yes: boolean;
  readonly json: boolean;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * null: help is wanted.
 * @throws UsageError
 */
export function readOptions(words: readonly string[]): Options | null {
  const { values, positionals } = parse(words);
  if (values.help || positionals[0] === 'help') return null;
  const command = oneOf(commands, positionals[0], 'command');
  if (command === undefined || positionals.length > 1) throw new UsageError(`which command?\n${usage}`);
  const plane = oneOf(planeNames, values.plane, '--plane');
  const state = oneOf(letterStates, values.state, '--state');
  const tenant = id(values.tenant, '--tenant');
  const event = id(values.event, '--event');
  const key = values.key !== undefined && uuid.test(values.key) ? `${tenantOfKey(tenant)}:${values.key}` : values.key;
  const filter = {
    ...(values.consumer !== undefined && { consumer: values.consumer }),
    ...(tenant !== undefined && { tenant_id: tenant }),
    ...(key !== undefined && { key }),
    ...(event !== undefined && { event_id: event }),
    ...(state !== undefined && { state }),
  };
  if (command === 'show' && event === undefined) throw new UsageError('show takes an --event');
  if (command !== 'list' && values.consumer === undefined && key === undefined && event === undefined) {
    throw new UsageError(`${command} takes a --consumer, a --key or an --event`);
  }
  return { command, planes: plane ? [plane] : planeNames, filter, yes: values.yes, json: values.json };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        consumer: text,
        tenant: text,
        key: text,
        event: text,
        state: text,
        plane: text,
        yes: flag,
        json: flag,
        help: { ...flag, short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function oneOf<T extends string>(known: readonly T[], given: string | undefined, name: string): T | undefined {
  const found = known.find((candidate) => candidate === given);
  if (given !== undefined && found === undefined) throw new UsageError(`${name}: one of ${known.join(', ')}`);
  return found;
}

function id(given: string | undefined, name: string): string | undefined {
  if (given !== undefined && !uuid.test(given)) throw new UsageError(`${name}: an id is wanted`);
  return given;
}

function tenantOfKey(tenant: string | undefined): string {
  if (tenant === undefined) throw new UsageError('--key: with an aggregate alone, --tenant too');
  return tenant;
}
