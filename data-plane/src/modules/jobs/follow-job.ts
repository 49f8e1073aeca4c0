import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import { AppError } from '@platen/chassis/http/app-error';
import { type EventSink, EventStream, formatEvent } from '@platen/chassis/http/event-stream';
import { jobs } from '@platen/schema/contracts/data/jobs';
import type { EventType } from '@platen/schema/events/index';
import { jobEvents } from '@platen/schema/events/job';
import type { JobStatus } from '@platen/schema/states/job';
import type { EventFeed } from '../event-streams/index.js';
import type { TenantCtx } from '../module.js';
import { eventOf } from './tell.js';

// The keys of an object of events are their types.
export const jobEventTypes = Object.keys(jobEvents) as EventType[];

const findState = statement<{ status: JobStatus; json: string }>(
  'job.find_state',
  `select t.status, ${jsonSelect(jobEvents['erp.job.progressed'], {
    job_id: 't.id',
    version: 't.version',
    kind: 't.kind',
    status: 't.status',
    attempts: 't.attempts',
    progress: 't.progress',
    progress_total: 't.progress_total',
  })} as json from erp_jobs t where t.id = $1::uuid`,
);

const endings: readonly string[] = jobs.events.ends;
/** An event that ends the stream, as the last of a text. A job that was tried again has one in between. */
const endsIt = new RegExp(`event: (${endings.join('|').replaceAll('.', '\\.')})\\ndata: [^\\n]*\\n\\n$`);
/** What a stream says when it has caught up. */
const live = ':live\n\n';

/**
 * One job to its end. Whoever names no position is told first how it stands. Whoever names one is told what came after;
 * where that is nothing and the job has ended before, it is told how it ended, instead of waiting for what never comes.
 * @throws AppError not_found, context_required, database_unavailable
 */
export async function followJob(
  events: EventFeed,
  ctx: TenantCtx,
  id: string,
  after: bigint | null,
): Promise<EventStream> {
  // The position first: what happens between the two is told twice rather than never.
  const stream = await events.open(ctx, jobEventTypes, after, id);
  const [state] = await ctx.db.query(findState, [id]);
  if (!state) throw new AppError('not_found');
  const type = eventOf[state.status];
  const asItIs = () => formatEvent({ id: stream.position() ?? '', type, data: state.json });
  return new EventStream((sink) => {
    const { ending, isOver } = endingOf(sink);
    if (after === null) ending.send(asItIs());
    return stream.run({
      ...ending,
      send(text) {
        const isTaken = ending.send(text);
        return text === live && !isOver() && endings.includes(type) ? ending.send(asItIs()) : isTaken;
      },
    });
  }, stream.position);
}

/** The sink until the job has ended. */
function endingOf(sink: EventSink): { readonly ending: EventSink; readonly isOver: () => boolean } {
  const over = new AbortController();
  const ending: EventSink = {
    closed: AbortSignal.any([sink.closed, over.signal]),
    send(text) {
      if (over.signal.aborted) return false;
      const isTaken = sink.send(text);
      if (endsIt.test(text)) over.abort();
      return isTaken;
    },
    drained: () => sink.drained(),
  };
  return { ending, isOver: () => over.signal.aborted };
}
