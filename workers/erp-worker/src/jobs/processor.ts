import type { Logger } from '@platen/chassis/log/logger';
import type { JobResult } from '@platen/schema/contracts/data/job-shapes';
import type { ClaimedJob as Claimed } from '@platen/schema/contracts/internal/jobs';
import type { JobKind } from '@platen/schema/states/job';

/** A job in this process's hands. */
export type ClaimedJob = Claimed & { readonly id: string };

/** Where a job's calls go, as its event names it. */
export interface JobScope {
  readonly tenant_id: string;
  readonly organization_id: string;
  readonly workspace_id: string | null;
}

/** Who this process is to the plane, and which attempt: every internal call that changes something of a job names both. */
export interface JobHolder {
  readonly owner: string;
  readonly attempt: number;
}

/** What a processor knows of the run that it is part of. */
export interface JobRun {
  /** Aborts when the job is to end here: somebody cancelled it, it is another's by now, or this process stops. */
  readonly signal: AbortSignal;
  readonly scope: JobScope;
  readonly holder: JobHolder;
  readonly correlationId: string;
  readonly log: Logger;
  /**
   * So far, after what it says was done. Sent now and then, the last one surely; `cursor` is where the next attempt goes
   * on if this one ends early.
   */
  progress(done: number, total?: number, cursor?: string): void;
}

/** Does the jobs of one kind. A job may have been begun by another process that is gone: what it did is in the cursor. */
export interface JobProcessor {
  /** @throws JobFailure, or whatever is tried again later. Once the signal aborts, with anything, soon. */
  run(job: ClaimedJob, run: JobRun): Promise<JobResult>;
}

export type JobProcessors = Readonly<Partial<Record<JobKind, JobProcessor>>>;

/** Thrown by a processor: what people read of it. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
  readonly code: string;
  /** Can a later try end otherwise? */
  readonly mayRetry: boolean;
  constructor(code: string, message: string, options: { readonly mayRetry?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.mayRetry = options.mayRetry ?? false;
  }
}
