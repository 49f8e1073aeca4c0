import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { MockupInput } from '@platen/schema/contracts/internal/mockups';
import { createPlaces } from '../places.js';
import type { MockupTask } from './compose.js';
import type { Size } from './geometry.js';

export interface ComposerSettings {
  readonly maxMemoryBytes: number;
  readonly timeoutMs: number;
}

export type Composed =
  | (Size & { readonly peakMemoryBytes: number })
  | { readonly unreadable: MockupInput; readonly why: string };

/** It took more time or memory than a mockup may, or ended in the middle of the library's work. */
export class CompositionTooCostly extends Error {
  override readonly name = 'CompositionTooCostly';
}

export interface Composer {
  /** @throws CompositionTooCostly; what the signal aborts with */
  compose(task: MockupTask, folder: string, signal: AbortSignal): Promise<Composed>;
}

const entry = fileURLToPath(new URL('./compose-process.js', import.meta.url));
const maxHeapMb = 128;
const graceMs = 5_000;
/** At its bounds, or by the library. */
const broken = new Set<NodeJS.Signals>(['SIGKILL', 'SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE']);

/**
 * What people uploaded is unpacked in a process of its own, one at a time: a picture that breaks the image library, or asks
 * too much of it, ends that process and nothing else, and the process knows none of the worker's secrets.
 */
export function createComposer(
  settings: ComposerSettings = { maxMemoryBytes: 1_024 * 1_024 * 1_024, timeoutMs: 60_000 },
): Composer {
  const places = createPlaces(1);
  return {
    async compose(task, folder, signal) {
      await places.take();
      try {
        signal.throwIfAborted();
        return await run(task, settings, folder, signal);
      } finally {
        places.free();
      }
    },
  };
}

async function run(
  task: MockupTask,
  settings: ComposerSettings,
  folder: string,
  signal: AbortSignal,
): Promise<Composed> {
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${maxHeapMb}`, entry, JSON.stringify([task, settings])],
    // What the library puts on a disk lies beside the pictures, and goes with them.
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { TMPDIR: folder, HOME: folder },
      // A Ctrl-C at a terminal is the worker's alone: what that leaves undone is another's then, and no failure.
      detached: true,
      signal,
      killSignal: 'SIGKILL',
      // It ends itself before, unless it is so busy that it does not look at its clock.
      timeout: settings.timeoutMs + graceMs,
    },
  );
  const ended = new Promise<{ code: number | null; killedBy: NodeJS.Signals | null }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, killedBy) => resolve({ code, killedBy }));
  });
  // It reads nothing: that this end is open says that the worker is there.
  child.stdin.on('error', () => undefined);
  const [{ code, killedBy }, answer, complaint] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  signal.throwIfAborted();
  if (code === 0) return JSON.parse(answer) as Composed; // by our own process
  if (killedBy !== null && broken.has(killedBy)) {
    throw new CompositionTooCostly('The composition took too much time or memory, or broke the image library');
  }
  throw new Error(`The composer ended with ${code ?? killedBy}: ${complaint.slice(-500)}`);
}
