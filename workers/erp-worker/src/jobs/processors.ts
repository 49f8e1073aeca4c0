import type { JobProcessors } from './processor.js';

/** Who does the jobs of a kind, a line each. */
export const createProcessors = (): JobProcessors => ({});
