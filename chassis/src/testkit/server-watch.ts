import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/**
 * A process that ends the server of a folder (`server.pid` in it) and the folder when we are gone, however we went. Answers
 * what ends the watch.
 */
export function watchServer(folder: string): () => Promise<void> {
  const file = fileURLToPath(new URL('./server-watchdog.js', import.meta.url));
  const watchdog = spawn(process.execPath, [file, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // Neither keeps us alive.
  watchdog.unref();
  if (watchdog.stdin instanceof Socket) watchdog.stdin.unref();
  return async () => {
    if (watchdog.exitCode !== null) return;
    const gone = once(watchdog, 'exit');
    watchdog.stdin.end();
    watchdog.ref();
    await gone;
  };
}
