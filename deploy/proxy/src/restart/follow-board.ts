import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Somebody with a board open, who comes back with the last id that they saw. */
export interface Follower {
  /** Versions that were told of each job. */
  readonly told: ReadonlyMap<string, ReadonlySet<number>>;
  /** How often it came back. */
  readonly returns: () => number;
  /** Resolves when the stream has told of these versions; what it never tells is a fault. */
  sees(versions: ReadonlyMap<string, number>): Promise<void>;
  close(): void;
}

const giveUpMs = 20_000;
const path = '/api/erp/production/board/events';

export async function followBoard(
  port: number,
  head: () => Record<string, string>,
  faults: string[],
): Promise<Follower> {
  const told = new Map<string, Set<number>>();
  const state = { lastId: '', retryMs: 2_000, returns: -1, isOver: false };
  let sending: ClientRequest | undefined;
  let onTold = () => {};
  let onLive = () => {};
  const live = new Promise<void>((resolve) => {
    onLive = resolve;
  });

  function take(block: string): void {
    if (block.includes(':live')) onLive();
    for (const line of block.split('\n')) {
      if (line.startsWith('retry: ')) state.retryMs = Number(line.slice(7));
      if (line.startsWith('id: ')) state.lastId = line.slice(4);
      if (!line.startsWith('data: ')) continue;
      // Events of the board; one of a job has its id and version.
      const { job_id: id, version } = JSON.parse(line.slice(6)) as { job_id?: string; version?: number };
      if (id === undefined || version === undefined) continue;
      told.set(id, (told.get(id) ?? new Set()).add(version));
      onTold();
    }
  }
  /** One connection, to its end. */
  const follow = () =>
    new Promise<void>((resolve) => {
      const wrong = (what: string) => {
        if (!state.isOver) faults.push(`a stream ${what}`);
        resolve();
      };
      const headers = { ...head(), ...(state.lastId !== '' && { 'last-event-id': state.lastId }) };
      sending = request({ host: '127.0.0.1', port, path, headers, agent: false }, (incoming: IncomingMessage) => {
        if (incoming.statusCode !== 200) wrong(`was refused: ${incoming.statusCode}`);
        let rest = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          const blocks = (rest + chunk).split('\n\n');
          rest = blocks.pop() ?? '';
          blocks.forEach(take);
        });
        incoming.once('error', (error) => wrong(`was cut: ${String(error)}`));
        incoming.once('end', resolve);
      });
      sending.once('error', (error) => wrong(`failed: ${String(error)}`));
      sending.end();
    });
  const following = (async () => {
    for (; !state.isOver; await delay(state.retryMs)) {
      state.returns += 1;
      await follow();
    }
  })();
  await Promise.race([live, following]);
  return {
    told,
    returns: () => state.returns,
    async sees(versions) {
      const sees = ([id, version]: readonly [string, number]) => told.get(id)?.has(version) === true;
      const all = new Promise<void>((resolve) => {
        onTold = () => {
          if ([...versions].every(sees)) resolve();
        };
        onTold();
      });
      await Promise.race([all, delay(giveUpMs, undefined, { ref: false })]);
      onTold = () => {};
    },
    close() {
      state.isOver = true;
      sending?.destroy();
    },
  };
}
