import type { Subscription } from '@platen/chassis/worker-process/consumers';

/** What devices tell. No type of these topics has an effect here: each passes, and counts as handled. */
export const ofDataPlane = (): Subscription => ({
  topics: ['telemetry.readings', 'telemetry.alert'],
  handler: async () => undefined,
});
