import { AppError } from '@platen/chassis/http/app-error';
import { createFairThreads } from '@platen/chassis/threads/fair-threads';
import type { PrintedDocument } from './printed-document.js';

export interface Printer {
  /** A PDF. @throws AppError busy, draining */
  print(document: PrintedDocument, tenantId: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Laying out two hundred lines takes a second of computing: in a thread, one at a time, tenants in turns. */
export function createPrinter(options: { readonly maxQueue?: number } = {}): Printer {
  const threads = createFairThreads<PrintedDocument, Uint8Array>({
    worker: new URL('./print-worker.js', import.meta.url),
    threads: 1,
    maxQueue: options.maxQueue ?? 64,
    maxHeapMb: 256,
    busy: () => new AppError('busy', 'Many documents are being printed', { retryAfterSeconds: 2 }),
  });
  return {
    print: async (document, tenantId) => Buffer.from(await threads.run(document, tenantId)),
    close: () => threads.close(),
  };
}
