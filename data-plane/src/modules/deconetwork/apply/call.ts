import type { ScopedDb, Tx } from '@platen/chassis/db/types';
import type { DnRowError } from '@platen/schema/contracts/data/dn-shapes';
import type { DnRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { DnOutcome, DnRecordKind } from '@platen/schema/states/deconetwork';
import type { JobHolder } from '../../jobs/index.js';
import type { ActorCtx } from '../../module.js';
import type { DnConnectionRow } from '../connections/find.js';
import type { Fields } from './merge.js';

/** A job's call, in the job's scope, for whoever asked for it. */
export interface ApplyCall {
  readonly ctx: ActorCtx;
  readonly db: ScopedDb;
  readonly jobId: string;
  readonly holder: JobHolder;
  readonly connection: DnConnectionRow;
}

export interface ApplyOptions {
  /** The same is done and taken back; its rows stay. */
  readonly dryRun: boolean;
  /** Kinds of which what is nowhere here is made: `product`, `customer`. */
  readonly createMissing: readonly string[];
}

/** `repeated`: this job has a row of it already. */
export type Applied = DnOutcome | 'unchanged' | 'repeated';

/** A row of an import, as a retry or an undo takes it up. */
export interface ImportRow {
  readonly id: string;
  readonly job_id: string;
  readonly kind: DnRecordKind;
  readonly dn_id: string;
  readonly outcome: DnOutcome;
  readonly map_id: string | null;
  readonly local_id: string | null;
  readonly local_version: number | null;
  readonly before: Fields | null;
  readonly after: Fields | null;
  readonly record: unknown;
  readonly raw: string | null;
}

/** What is told of a record in its row. */
export interface RowDraft {
  readonly kind: DnRecordKind;
  readonly dnId: string;
  readonly outcome: DnOutcome;
  readonly mapId?: string | null;
  readonly localId?: string | null;
  readonly localVersion?: number | null;
  readonly before?: Fields | null;
  readonly after?: Fields | null;
  readonly loser?: Fields | null;
  readonly error?: DnRowError | null;
}

/** A record at work, in its transaction. */
export interface Work<R extends DnRecord = DnRecord> {
  readonly tx: Tx;
  readonly call: ApplyCall;
  readonly ctx: ActorCtx;
  readonly connection: DnConnectionRow;
  readonly options: ApplyOptions;
  readonly record: R;
  readonly hash: string;
  /** Of records that come with this one, such as its customer; in the order in which they were made. */
  readonly besides: RowDraft[];
}

/** What became of the record itself; null: it is as it was. */
export type Told = Omit<RowDraft, 'kind' | 'dnId'> | null;
