import { AppError } from '@platen/chassis/http/app-error';
import { createFairThreads } from '@platen/chassis/threads/fair-threads';
import type { RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';
import type { Finding, LintCatalogue } from './engine/lint.js';

export interface LintTask {
  readonly content: RuleSetContent;
  readonly catalogue: LintCatalogue;
}

export interface Linter {
  /** @throws AppError busy, draining */
  lint(task: LintTask, tenantId: string): Promise<Finding[]>;
  close(): Promise<void>;
}

/** Trying the prices of a large draft is seconds of computing: in a thread, one draft at a time, tenants in turns. */
export function createLinter(): Linter {
  const threads = createFairThreads<LintTask, Finding[]>({
    worker: new URL('./lint-worker.js', import.meta.url),
    threads: 1,
    maxQueue: 32,
    maxHeapMb: 256,
    busy: () => new AppError('busy', 'Many price lists are being looked over', { retryAfterSeconds: 5 }),
  });
  return { lint: (task, tenantId) => threads.run(task, tenantId), close: () => threads.close() };
}
