/**
 * Whether a job is on the board. Where it stands there is a stage, which are the shop's own; so this is no machine of
 * many states: open jobs end as done with their order, or as cancelled with it.
 */
export const productionJobStatuses = ['open', 'done', 'cancelled'] as const;
export type ProductionJobStatus = (typeof productionJobStatuses)[number];
export const jobPriorities = ['low', 'normal', 'high', 'urgent'] as const;
export const wipPolicies = ['warn', 'block'] as const;
/** What happened to a job, in its history. */
export const jobEventKinds = [
  'created',
  'changed',
  'moved',
  'artwork_approved',
  'pieces_done',
  'pieces_scrapped',
  'machine_started',
  'machine_ended',
  'reprint_made',
  'done',
  'cancelled',
] as const;
export type JobEventKind = (typeof jobEventKinds)[number];
/** Of a job's designs together: there are none, some await approval, all are approved, or one changed since it was. */
export const artworkStates = ['none', 'pending', 'approved', 'changed'] as const;
export type ArtworkState = (typeof artworkStates)[number];
/** Of what a job is made of: there, partly missing, or stock is not kept of it. */
export const blankStates = ['there', 'short', 'not_tracked'] as const;
