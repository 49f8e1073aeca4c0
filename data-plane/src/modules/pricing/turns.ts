import { setImmediate } from 'node:timers/promises';

/** How long other requests wait at most for a long computation. */
const turnMs = 4;

/** Runs work that says where it may be interrupted, with turns for everybody else in between. */
export async function runInTurns<R>(work: Generator<unknown, R>): Promise<R> {
  let until = performance.now() + turnMs;
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    if (performance.now() < until) continue;
    await setImmediate();
    until = performance.now() + turnMs;
  }
}
