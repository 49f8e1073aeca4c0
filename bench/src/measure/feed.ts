import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stopChild } from './load.js';

export interface FeedChildSettings {
  /** The control plane's internal listener. */
  readonly url: string;
  readonly secret: string;
  /** For the copy on disk. */
  readonly folder: string;
  readonly instanceId: string;
}

export type FeedOrder =
  | { readonly what: 'snapshots' }
  | { readonly what: 'read'; readonly count: number }
  | { readonly what: 'follow' }
  | { readonly what: 'until'; readonly position: string };

export interface SnapshotFigures {
  readonly tenants: number;
  /** Asked of the control plane until it can be served by. */
  readonly overHttpMs: number;
  /** From the lines as text. */
  readonly parseMs: number;
  readonly writeMs: number;
  readonly fromDiskMs: number;
  readonly storeBytes: number;
  /** What the control plane itself keeps. */
  readonly directoryBytes: number;
  readonly snapshotBytes: number;
}

export interface FeedReader {
  readonly pid: number;
  snapshots(): Promise<SnapshotFigures>;
  readAtOnce(count: number): Promise<void>;
  follow(): Promise<void>;
  untilApplied(position: string): Promise<void>;
  stop(): Promise<void>;
}

export function startFeedReader(settings: FeedChildSettings): FeedReader {
  const entry = fileURLToPath(new URL('./feed.child.js', import.meta.url));
  const child = fork(entry, [JSON.stringify(settings)], { execArgv: ['--expose-gc'] });
  const ask = async (order: FeedOrder): Promise<unknown> => {
    const gone = new AbortController();
    const onExit = () => gone.abort(new Error('the reader of the feed ended'));
    child.once('exit', onExit);
    child.send(order);
    const [message] = await once(child, 'message', { signal: gone.signal });
    child.off('exit', onExit);
    if ('failure' in message) throw new Error(message.failure);
    return message.answer;
  };
  return {
    pid: child.pid ?? 0,
    // The answer to this order is made by our own child.
    snapshots: async () => (await ask({ what: 'snapshots' })) as SnapshotFigures,
    readAtOnce: async (count) => void (await ask({ what: 'read', count })),
    follow: async () => void (await ask({ what: 'follow' })),
    untilApplied: async (position) => void (await ask({ what: 'until', position })),
    stop: () => stopChild(child),
  };
}
