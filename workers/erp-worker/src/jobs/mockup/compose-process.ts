import { composeMockup, type MockupTask, PictureUnreadable } from './compose.js';
import type { Composed, ComposerSettings } from './composer.js';

// A process of its own for one mockup. It ends itself at its bounds, whatever the image library is in the middle of, and
// with the worker that started it.
const [task, { maxMemoryBytes, timeoutMs }] = JSON.parse(process.argv[2] ?? '') as [MockupTask, ComposerSettings]; // the worker's own

const end = () => process.kill(process.pid, 'SIGKILL');
process.stdin.on('end', end).resume();
setTimeout(end, timeoutMs);
setInterval(() => {
  if (process.memoryUsage.rss() > maxMemoryBytes) end();
}, 20);

async function compose(): Promise<Composed> {
  try {
    const size = await composeMockup(task);
    // Node gives it in KiB on every system.
    return { ...size, peakMemoryBytes: process.resourceUsage().maxRSS * 1_024 };
  } catch (error) {
    if (error instanceof PictureUnreadable) return { unreadable: error.which, why: String(error.cause) };
    throw error;
  }
}

const composed = JSON.stringify(await compose());
process.stdout.write(composed, () => process.exit());
