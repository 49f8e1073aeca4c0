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

/** A line with its scope, for writers that have no child logger at hand: `log.info(new ScopedLine(scope, data), message)`. */
export class ScopedLine {
  readonly scope: LogScope;
  readonly data: Record<string, unknown>;
  /** `data` is written as it is: only what holds no secret by construction. */
  constructor(scope: LogScope, data: Record<string, unknown>) {
    this.scope = scope;
    this.data = data;
  }
}

export interface LoggerOptions {
  readonly service: string;
  readonly level?: LogLevel;
  /** Default: standard output, written without blocking. */
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
  return pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service },
      messageKey: 'message',
      errorKey: 'error',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
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
    options.destination ?? pino.destination({ dest: 1, sync: false }),
  );
}

function arrange(fields: object, scope: LogScope): Record<string, unknown> {
  if (fields instanceof ScopedLine) return topLevel(fields.scope, fields.data);
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
