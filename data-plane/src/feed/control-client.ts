import type { FeedPosition, InstanceDatabaseState } from '@platen/schema/contracts/internal/feed';
import { type ControlInternalClient, PlatenError } from '@platen/sdk/internal';
import type { Static } from 'typebox';

export interface InstanceReport {
  readonly instance_id: string;
  readonly kind: 'data-plane';
  readonly feed_position: Static<typeof FeedPosition>;
  readonly key_ids: string[];
  /** By key of the catalogue. */
  readonly databases: Record<string, InstanceDatabaseState>;
}

/** What the data plane asks of the control plane: that much of the internal SDK, so that tests can stand in for it. */
export interface ControlClient {
  /** Lines as parsed JSON: header, entities, end. */
  snapshot(signal: AbortSignal): Promise<AsyncIterable<unknown>>;
  /** Waits for a change for up to `waitSeconds`. Rejects with a code `feed_gone` past retention. */
  changes(after: string, waitSeconds: number, signal: AbortSignal): Promise<{ changes: unknown[]; position: string }>;
  report(instance: InstanceReport, signal: AbortSignal): Promise<void>;
  /** The last one of an instance. */
  leave(instanceId: string): Promise<void>;
}

/** A snapshot of ten thousand tenants takes well under a second; a slow one is still better than none. */
const snapshotDeadlineMs = 60_000;
const reportDeadlineMs = 5_000;
const leaveDeadlineMs = 1_000;

export const controlClientOf = (sdk: Pick<ControlInternalClient, 'feed' | 'instances'>): ControlClient => ({
  snapshot: (signal) => sdk.feed.snapshot({}, { signal, deadlineMs: snapshotDeadlineMs }),
  changes: (after, waitSeconds, signal) => sdk.feed.changes({ after, wait_seconds: waitSeconds }, { signal }),
  report: async ({ databases, ...instance }, signal) => {
    const options = { signal, deadlineMs: reportDeadlineMs };
    try {
      await sdk.instances.report({ ...instance, databases }, options);
    } catch (error) {
      // A control plane of the release before takes no field that it does not know.
      if (!(error instanceof PlatenError) || error.status !== 400) throw error;
      await sdk.instances.report(instance, options);
    }
  },
  // Whoever stops does not wait long to say so; unsaid, it is found out by its silence.
  leave: (instanceId) => sdk.instances.leave({ instance_id: instanceId }, { deadlineMs: leaveDeadlineMs }),
});
