const tickMs = 10;
/** What passes between two ticks counts up to here: beyond, this process did not run, and neither did the machine. */
const mostBetweenTicksMs = 100;

let ranMs = 0;
let tickedMs = performance.now();
const sinceTick = () => Math.min(performance.now() - tickedMs, mostBetweenTicksMs);
setInterval(() => {
  ranMs += sinceTick();
  tickedMs = performance.now();
}, tickMs).unref();

/**
 * Milliseconds, from any one moment on, that the machine ran: one that is shared stands still now and then, and a promise of
 * time is one of what runs.
 */
export const runningMs = (): number => ranMs + sinceTick();

/** By the nearest rank; `share` from 0 to 1. */
export const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;
