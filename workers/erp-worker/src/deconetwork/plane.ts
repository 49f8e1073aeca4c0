import type {
  deconetworkCalls,
  deconetworkConnections,
  deconetworkRecords,
  deconetworkRework,
} from '@platen/schema/contracts/internal/deconetwork';
import type { Methods } from '@platen/sdk';

/** What of the data plane a job of a site asks. */
export type DnPlane = Methods<{
  readonly deconetworkConnections: typeof deconetworkConnections;
  readonly deconetworkRecords: typeof deconetworkRecords;
  readonly deconetworkRework: typeof deconetworkRework;
  readonly deconetworkCalls: typeof deconetworkCalls;
}>;
