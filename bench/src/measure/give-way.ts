import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const lowestPriority = 19;

/**
 * To all others on this machine, as another machine would. Linux shares time among sessions first, so that a priority counts
 * within its own alone: fork it `detached`, which is a session of its own.
 */
export function giveWay(pid: number): void {
  setPriority(pid, lowestPriority);
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(lowestPriority));
  } catch {
    // A system without such groups goes by the priority.
  }
}
