import type { Promised } from '../outcome.js';
import type { Random } from '../random.js';

/** A fault and the judgement of it: processes of its own, which it ends by what it has handed to `onStop`. */
export type Fault = (context: FaultContext) => Promise<Promised>;

export interface FaultContext {
  readonly random: Random;
  /** How long the main fault lasts, where it lasts at all and somebody asked for another length than the usual. */
  readonly minutes: number | null;
  /** Progress; what is measured belongs to the figures. */
  say(line: string): void;
  /** Called in the end, and when the run is interrupted; the last one first. */
  onStop(end: () => Promise<unknown>): void;
}
