import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';

/** The file of a program on the PATH, or in one of these folders. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  for (const folder of [...(process.env['PATH'] ?? '').split(path.delimiter), ...folders]) {
    const file = path.join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Below the range that the system gives to connections, and to listeners that ask for any. */
const blocks = { first: 11_000, size: 64, count: 320 } as const;

/** Of one block after the other, whose first port stays taken while this process lives: who looks for a block goes on to the next. */
export async function* freePorts(block = randomInt(blocks.count)): AsyncGenerator<number, never> {
  for (; ; block = (block + 1) % blocks.count) {
    const first = blocks.first + block * blocks.size;
    const keeper = await listenAt(first);
    if (keeper === undefined) continue;
    keeper.unref();
    for (let port = first + 1; port < first + blocks.size; port += 1) {
      const probe = await listenAt(port);
      if (probe === undefined) continue;
      probe.close();
      await once(probe, 'close');
      yield port;
    }
  }
}

const ports = freePorts();

/** Nobody else is given it, before its server starts or while it is away: not by the system, and not by another test. */
export async function freePort(): Promise<number> {
  return (await ports.next()).value;
}

const listenAt = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
