import type { Fault } from './fault.js';

interface NamedFault {
  /** A line of the help text. */
  readonly help: string;
  readonly run: Fault;
}

/** By the name that `npm run soak` knows it by. */
export const faults: Readonly<Record<string, NamedFault>> = {};
