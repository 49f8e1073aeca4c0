import { type DestinationStream, type Logger, pino } from 'pino';
import { redact } from './redact.js';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogContext {
  readonly organization_id: string | null;
  readonly workspace_id: string | null;
  readonly user_id: string | null;
}

/** What ties a line to a request or a job. */
export interface LogScope {
  readonly correlationId: string | null;
  readonly tenantId: string | null;
  readonly context: LogContext | null;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level?: LogLevel;
  /** Default: standard output, written without blocking; the same for all loggers of the process. */
  readonly destination?: DestinationStream;
}

/** Loggers made by `withScope`, and their children, carry their scope here. */
const scopeKey = Symbol('scope');
const noScope: LogScope = { correlationId: null, tenantId: null, context: null };

/**
 * Lines have exactly `timestamp`, `level`, `service`, `message`, `correlation_id`, `tenant_id`, `context`, `data`.
 * Whatever is passed beside the message becomes `data`, redacted; an error becomes `data.error` with its cause chain.
 * Bind a request or a job by `withScope`, not by pino's `child`, which would add fields.
 */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? standardOutput();
  const log = pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service },
      messageKey: 'message',
      errorKey: 'error',
      timestamp: () => `,"timestamp":"${timestamp(Date.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
      mixin: (_fields, _level, logger) => (logger as Logger & { [scopeKey]?: LogScope })[scopeKey] ?? noScope,
      // The mixin is only the way to the logger's scope; its result is always a LogScope.
      mixinMergeStrategy: (fields, scope) => arrange(fields, scope as LogScope),
      hooks: {
        logMethod(args, method) {
          // A line without a message still has the field.
          const first: unknown = args[0];
          if (args.length === 1 && typeof first === 'object' && !(first instanceof Error))
            method.call(this, args[0], '');
          else method.apply(this, args);
        },
      },
    },
    destination,
  );
  const origin: Origin = { destination, service: options.service };
  return Object.assign(log, { [originKey]: origin });
}

const flushEveryMs = 50;
let output: DestinationStream | undefined;

/**
 * Writes of many lines, none later than 50 ms; what is left is written when the process exits. Each write is handed to
 * another thread, which costs more than the lines in it. The library's own interval does that twenty times a second for
 * as long as the process lives, also when there is nothing to write.
 */
function standardOutput(): DestinationStream {
  if (output !== undefined) return output;
  const stream = pino.destination({ dest: 1, sync: false, minLength: 65_536, maxWrite: 262_144 });
  const write = stream.write.bind(stream);
  let waitingBytes = 0;
  let isWatched = false;
  const watch = (): void => {
    if (!isWatched) setTimeout(flush, flushEveryMs).unref();
    isWatched = true;
  };
  const flush = (): void => {
    isWatched = false;
    if (waitingBytes === 0) return;
    // Does nothing during a write, which may leave some.
    stream.flush();
    watch();
  };
  stream.on('write', (bytes) => {
    waitingBytes -= bytes;
  });
  output = Object.assign(stream, {
    write(lines: string) {
      waitingBytes += Buffer.byteLength(lines);
      watch();
      return write(lines);
    },
  });
  return output;
}

/** Where a logger's lines go and whose they are; children inherit it. */
export interface Origin {
  readonly destination: DestinationStream;
  readonly service: string;
}
const originKey = Symbol('origin');

/** For writers that bypass pino; only for loggers of `createLogger`. */
export function originOf(log: Logger): Origin {
  const { [originKey]: origin } = log as Logger & { [originKey]?: Origin };
  if (origin === undefined) throw new Error('Not a logger of createLogger');
  return origin;
}

let lastMs = 0;
let lastText = '';

/** RFC 3339 in UTC. Lines of one millisecond share the text: making it is a good part of the cost of a line. */
export function timestamp(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}

function arrange(fields: object, scope: LogScope): Record<string, unknown> {
  for (const _ in fields) return topLevel(scope, redact(fields));
  return topLevel(scope, null);
}

const topLevel = (scope: LogScope, data: unknown): Record<string, unknown> => ({
  correlation_id: scope.correlationId,
  tenant_id: scope.tenantId,
  context: scope.context,
  data,
});

/** A child whose lines carry the scope. */
export function withScope(log: Logger, scope: LogScope): Logger {
  return Object.assign(log.child({}), { [scopeKey]: scope });
}
