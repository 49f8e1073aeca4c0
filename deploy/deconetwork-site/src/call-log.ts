import type { Parameters } from './parameters.js';

/** A call that the site received, with how it ended. */
export interface LoggedCall {
  /** From 1. */
  readonly n: number;
  readonly method: string;
  /** Below `/api/json/`: `manage_orders/find`. */
  readonly endpoint: string;
  /** Without username and password. */
  readonly parameters: Parameters;
  /** They came in the query of the URL, where every log on the way has them. */
  readonly credentialsInUrl: boolean;
  /** Calls under way when it came, itself included. */
  readonly inFlight: number;
  /** `aborted`: the caller hung up before there was an answer. */
  outcome: 'open' | 'answered' | 'aborted' | 'hung' | 'cut' | 'html';
  httpStatus: number | undefined;
  /** `response_status.code` of what was answered. */
  code: number | undefined;
  rows: number | undefined;
}

export interface CallLog {
  readonly calls: readonly LoggedCall[];
  /** The most calls that were under way at once. */
  readonly maxInFlight: number;
  open(call: Pick<LoggedCall, 'method' | 'endpoint' | 'parameters' | 'credentialsInUrl'>): LoggedCall;
  /** It was answered, or its connection is gone; a second time does nothing. */
  close(call: LoggedCall): void;
  clear(): void;
}

export function startCallLog(): CallLog {
  const calls: LoggedCall[] = [];
  let count = 0;
  const underWay = new Set<LoggedCall>();
  let maxInFlight = 0;
  return {
    calls,
    get maxInFlight() {
      return maxInFlight;
    },
    open(seen) {
      count += 1;
      const inFlight = underWay.size + 1;
      maxInFlight = Math.max(maxInFlight, inFlight);
      const ending = { outcome: 'open' as const, httpStatus: undefined, code: undefined, rows: undefined };
      const call: LoggedCall = { n: count, ...seen, inFlight, ...ending };
      calls.push(call);
      underWay.add(call);
      return call;
    },
    close(call) {
      underWay.delete(call);
      if (call.outcome === 'open') call.outcome = 'aborted';
    },
    clear() {
      calls.length = 0;
      maxInFlight = underWay.size;
    },
  };
}
