import { randomUUID } from 'node:crypto';
import { allowedHostsOf } from '@platen/chassis/outbound/allowed-hosts';
import { createOutbound } from '@platen/chassis/outbound/outbound';
import { type RecordedLog, recordLog } from '@platen/chassis/testkit/http';
import { createChecker } from '@platen/chassis/validation/checker';
import type { DecoNetworkSite } from '@platen/deconetwork-site';
import type { DnTest } from '@platen/schema/contracts/data/dn-shapes';
import { type DnSyncResult, nothingDone } from '@platen/schema/contracts/data/job-shapes';
import {
  type DnAccess,
  type DnReading,
  DnRecord,
  type DnUnreadable,
  deconetworkConnections,
} from '@platen/schema/contracts/internal/deconetwork';
import type { DnReadKind, DnTask } from '@platen/schema/states/deconetwork';
import type { Test } from 'tap';
import type { ClaimedJob, JobRun } from '../jobs/processor.js';
import { type CallEnd, observeCalls } from './observe-calls.js';
import type { DnPlane } from './plane.js';
import type { SiteCalling } from './site-client.js';
import { createSiteTurns } from './site-turns.js';

/** The way out to a stand-in for a site, without pauses, which waits for an answer as long as it takes. */
export function openCalling(t: Test, site: { readonly url: string }) {
  const ends: CallEnd[] = [];
  const outbound = createOutbound({ allowed: allowedHostsOf([new URL(site.url).host]) });
  t.teardown(() => outbound.close());
  const calling: SiteCalling = {
    outbound,
    turns: createSiteTurns({ pauseMs: 0 }),
    timeoutMs: 60_000,
    observe: observeCalls({ tracing: null, ended: (_endpoint, end) => ends.push(end) }),
    firstRetryMs: 1,
  };
  return { calling, ends };
}

/** The site is silent until it is given up for the first time, whether that call has reached it or not. */
export function silentOnce(site: Pick<DecoNetworkSite, 'setHabits'>, calling: SiteCalling): SiteCalling {
  let isSilent = true;
  site.setHabits({ hang: { every: 1 } });
  return {
    ...calling,
    get timeoutMs() {
      return isSilent ? 100 : calling.timeoutMs;
    },
    observe: (endpoint, call) =>
      calling.observe(endpoint, call).finally(() => {
        isSilent = false;
        site.setHabits({ hang: null });
      }),
  };
}

export function newJob(task: DnTask, cursor: string | null = null): ClaimedJob {
  return {
    id: randomUUID(),
    attempt: 1,
    kind: 'dn_sync',
    title: 'Sync',
    payload: { task, connection_id: randomUUID() },
    requested_by: null,
    progress: 0,
    progress_total: null,
    cursor,
    lease_seconds: 30,
  };
}

export interface WatchedRun {
  readonly run: JobRun;
  readonly log: RecordedLog;
  readonly said: { done: number; total: number | undefined; cursor: string | null };
}

export function newRun(signal: AbortSignal = new AbortController().signal): WatchedRun {
  const log = recordLog();
  const said: WatchedRun['said'] = { done: 0, total: undefined, cursor: null };
  const run: JobRun = {
    signal,
    scope: { tenant_id: randomUUID(), organization_id: randomUUID(), workspace_id: null },
    holder: { owner: randomUUID(), attempt: 1 },
    correlationId: 'test',
    log: log.log,
    progress(done, total, cursor) {
      Object.assign(said, { done, total, ...(cursor !== undefined && { cursor }) });
    },
  };
  return { run, log, said };
}

type Call = Exclude<Awaited<ReturnType<DnPlane['deconetworkCalls']['nextCall']>>['call'], null>;

const records = createChecker(DnRecord);
const tests = createChecker(deconetworkConnections.tested.body);

/** What of the data plane the processor asks, in memory: it keeps the last state of each record. */
export function fakePlane(
  site: Pick<DecoNetworkSite, 'url' | 'credentials'>,
  options: {
    readonly readings?: readonly DnReading[];
    readonly fieldMap?: DnAccess['field_map'];
    readonly calls?: readonly Call[];
    /** Before each page is taken. */
    readonly onRecords?: (step: number) => void;
  } = {},
) {
  const got = {
    records: new Map<string, DnRecord>(),
    unreadable: [] as DnUnreadable[],
    deliveries: 0,
    steps: [] as number[],
    finished: [] as { readonly kind: DnReadKind; readonly read_to: string }[],
    tested: [] as { readonly test: DnTest; readonly field_map: unknown }[],
    rejected: [] as { readonly code: string; readonly message: string }[],
    settled: [] as {
      readonly call_id: string;
      readonly outcome: string;
      readonly response?: unknown;
      readonly error?: unknown;
    }[],
  };
  const waiting = [...(options.calls ?? [])];
  const result = (task: DnTask): DnSyncResult => ({ ...nothingDone(task), created: got.records.size });
  const methods = {
    deconetworkConnections: {
      open: async () => ({
        task: 'sync' as const,
        access: {
          site_url: site.url,
          username: site.credentials.username,
          password: site.credentials.password,
          field_map: options.fieldMap ?? {},
          currency: 'EUR',
        },
        readings: [...(options.readings ?? [])],
      }),
      tested: async (input: { test: DnTest; field_map: unknown }) => {
        const { owner, organization_id } = newRunIds;
        const problem = tests.describe({
          organization_id,
          owner,
          attempt: 1,
          test: input.test,
          field_map: input.field_map,
        });
        if (problem !== '') throw new Error(problem);
        got.tested.push({ test: input.test, field_map: input.field_map });
        return { result: result('test') };
      },
      rejected: async ({ code, message }: { code: string; message: string }) => {
        got.rejected.push({ code, message });
      },
    },
    deconetworkRecords: {
      records: async (input: { step: number; records: DnRecord[]; unreadable?: DnUnreadable[] }) => {
        options.onRecords?.(input.step);
        got.steps.push(input.step);
        got.unreadable.push(...(input.unreadable ?? []));
        for (const record of input.records) {
          const problem = records.describe(record);
          if (problem !== '') throw new Error(problem);
          got.deliveries += 1;
          const before = got.records.get(`${record.kind} ${record.dn_id}`);
          if ((before?.modified_at ?? '') <= (record.modified_at ?? ''))
            got.records.set(`${record.kind} ${record.dn_id}`, record);
        }
        return { result: result('sync') };
      },
      finishReading: async ({ kind, read_to }: { kind: DnReadKind; read_to: string }) => {
        got.finished.push({ kind, read_to });
        return { result: result('sync') };
      },
    },
    deconetworkRework: {
      rework: async ({ cursor }: { cursor?: string }) => ({
        done: cursor === undefined ? 50 : 60,
        total: 60,
        cursor: cursor === undefined ? 'next' : null,
        result: result('undo'),
      }),
    },
    deconetworkCalls: {
      nextCall: async () => ({ call: waiting[0] ?? null, remaining: Math.max(0, waiting.length - 1) }),
      settleCall: async (input: (typeof got.settled)[number]) => {
        const { call_id, outcome, response, error } = input;
        got.settled.push({ call_id, outcome, response, error });
        if (outcome !== 'retry') waiting.shift();
      },
    },
  };
  // Of each method, nobody here asks whose failure an error is.
  return { plane: methods as unknown as DnPlane, got };
}

const newRunIds = { owner: randomUUID(), organization_id: randomUUID() };
