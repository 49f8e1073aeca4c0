import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { jobSizesSql } from './job-json.js';

export interface JobSize {
  /** Of the order's line. */
  readonly size_id: string;
  readonly variant_id: string;
  readonly quantity: number;
  readonly scrapped: number;
  /** By jobs that make scrapped pieces again. */
  readonly reprinted: number;
}

const select = statement<JobSize>(
  'production.job_sizes',
  `select z.size_id, z.variant_id, z.quantity::bigint, z.scrapped::bigint, z.reprinted::bigint
  from erp_production_jobs j cross join lateral (${jobSizesSql('j')}) z where j.id = $1::uuid order by z.size_id`,
  { parse: { quantity: 'int', scrapped: 'int', reprinted: 'int' } },
);

/** A statement after the job's lock: what was scrapped of it and is made again stands still then. */
export const listJobSizes = (tx: Tx, jobId: string): Promise<JobSize[]> => tx.query(select, [jobId]);
