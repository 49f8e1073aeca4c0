import type { DnRecord } from '@platen/schema/contracts/internal/deconetwork';
import { canonicalJson, sha256 } from '../../pricing/index.js';

/** Of what a record says, not of how it was written: two with the same hash need not be looked at twice. */
export function hashOf(record: DnRecord): string {
  const { raw: _, ...said } = record;
  return sha256(canonicalJson(said));
}
