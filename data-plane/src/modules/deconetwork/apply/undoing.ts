import type { Tx } from '@platen/chassis/db/types';
import type { ApplyCall, ImportRow, RowDraft } from './call.js';
import type { MapRow } from './maps-repo.js';

/** A row to be undone, in its transaction, with what the record is here. */
export interface Undoing {
  readonly tx: Tx;
  readonly call: ApplyCall;
  readonly row: ImportRow;
  readonly map: MapRow;
  readonly localId: string;
  /** Of a payment that takes one back. */
  readonly receivedOn: string;
}
export type Undone = Pick<RowDraft, 'before' | 'after' | 'error'> & { readonly outcome: 'undone' | 'refused' };

export const refuse = (code: string, message: string): Undone => ({
  outcome: 'refused',
  error: { code, message: message.slice(0, 500) },
});
export const inUse = refuse('in_use', 'Something else here refers to it by now');
