import { type Job, jobQuantity, jobScrapped, type Order, type State, sum } from './state.js';

/** What orders and their jobs are to each other. */

export const jobsOf = (state: State, order: Pick<Order, 'id'>): Job[] =>
  state.jobs.filter((job) => job.order === order.id);

/** Of lines that have jobs: pieces that none of them has done. */
export const openPieces = (state: State, order: Order): number =>
  sum(
    order.lines.map((line) => {
      const jobs = jobsOf(state, order).filter((job) => job.line === line.id);
      if (jobs.length === 0) return 0;
      const wanted = sum(line.sizes.map(({ quantity }) => quantity));
      return Math.max(wanted - sum(jobs.map(({ done }) => done)), 0);
    }),
  );

export const workedPieces = (state: State, order: Order): number =>
  sum(jobsOf(state, order).map((job) => job.done + jobScrapped(job)));

/** Pieces that the job can still do or spoil. */
export const leftOf = (job: Job): number => jobQuantity(job) - job.done - jobScrapped(job);

export function leaveBoard(state: State, order: Order, status: 'done' | 'cancelled'): void {
  for (const job of jobsOf(state, order)) {
    if (job.status !== 'open') continue;
    job.status = status;
    job.version += 1;
    const stage = state.board[job.stage] ?? [];
    state.board[job.stage] = stage.filter((id) => id !== job.id);
  }
}
