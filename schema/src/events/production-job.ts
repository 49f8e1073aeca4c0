import { type Static, Type } from 'typebox';
import { JobMachine } from '../contracts/data/production-jobs.js';
import { CalendarDate, closed, Id, literals, nullable, Version } from '../contracts/shapes.js';
import { artworkStates, jobPriorities, productionJobStatuses } from '../states/production-job.js';

export const topic = 'erp.production_job';

const Pieces = Type.Integer({ minimum: 0 });
/** The job as it is now. A reader that knows this version or a later one leaves it: events may come twice. */
const state = {
  job_id: Id,
  version: Version,
  number: Type.String(),
  status: literals(productionJobStatuses),
  order_id: Id,
  order_line_id: Id,
  stage_id: Id,
  /** null: it left the board. */
  rank: nullable(Type.String()),
  priority: literals(jobPriorities),
  due_on: nullable(CalendarDate),
  quantity: Pieces,
  quantity_done: Pieces,
  quantity_scrapped: Pieces,
  reprint_of: nullable(Id),
  /** null: it is on none. */
  machine: nullable(JobMachine),
};
const JobState = closed(state);
export type JobState = Static<typeof JobState>;

export const productionJobEvents = {
  'erp.production_job.created': JobState,
  /** Its priority, its day or its note. */
  'erp.production_job.changed': JobState,
  'erp.production_job.moved': closed({ ...state, from_stage_id: Id }),
  'erp.production_job.artwork_approved': closed({ ...state, design_id: Id, artwork: literals(artworkStates) }),
  'erp.production_job.pieces_done': closed({ ...state, pieces: Pieces }),
  'erp.production_job.pieces_scrapped': closed({ ...state, pieces: Pieces }),
  /** It came onto a machine, or left one. */
  'erp.production_job.machine_changed': JobState,
  'erp.production_job.done': JobState,
  'erp.production_job.cancelled': JobState,
  /** Cards of one stage have new ranks, in the order that they had. Its key is the stage's. */
  'erp.production_job.ranks_renewed': closed({
    stage_id: Id,
    jobs: Type.Array(closed({ job_id: Id, version: Version, rank: Type.String() })),
  }),
} as const;
