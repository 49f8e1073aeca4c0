import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { EventSink } from './event-stream.js';

/** One reader's connection. */
export class OpenStream implements EventSink {
  readonly #raw: ServerResponse;
  readonly #maxPendingBytes: number;
  readonly #over = new AbortController();
  /** By `performance.now()`. */
  sentAtMs = performance.now();
  #takenBytes = -1;
  #stuckSinceMs = performance.now();

  constructor(raw: ServerResponse, maxPendingBytes: number, onClose: () => void) {
    this.#raw = raw;
    this.#maxPendingBytes = maxPendingBytes;
    let isOpen = true;
    const close = (): void => {
      this.#over.abort();
      if (isOpen) onClose();
      isOpen = false;
    };
    // A reader that goes away in the middle of a write is no fault of anybody's.
    raw.once('close', close).once('finish', close).on('error', close);
    // It may have left while its stream was prepared: nobody tells that again.
    if (raw.destroyed || raw.closed) queueMicrotask(close);
  }

  get closed(): AbortSignal {
    return this.#over.signal;
  }

  send(text: string): boolean {
    if (this.closed.aborted || this.#raw.writableEnded) return false;
    // One batch may be larger; what must not be is that the next ones pile up behind it.
    if (this.#raw.writableLength > this.#maxPendingBytes) {
      this.cut();
      return false;
    }
    this.#raw.write(text);
    this.sentAtMs = performance.now();
    return true;
  }

  async drained(): Promise<void> {
    if (this.closed.aborted || !this.#raw.writableNeedDrain) return;
    await once(this.#raw, 'drain', { signal: this.closed }).catch(() => undefined);
  }

  /** How long nothing of what waits has been taken. */
  stuckMs(nowMs: number): number {
    const takenBytes = this.#raw.socket?.bytesWritten ?? 0;
    if (this.#raw.writableLength === 0 || takenBytes !== this.#takenBytes) {
      this.#takenBytes = takenBytes;
      this.#stuckSinceMs = nowMs;
    }
    return nowMs - this.#stuckSinceMs;
  }

  /** A last hint, when to come back. */
  end(retryMs: number): void {
    if (this.closed.aborted || this.#raw.writableEnded) return;
    this.#raw.end(`retry: ${Math.round(retryMs)}\n\n`);
    // Nothing more is written: the source stops now, not when the last bytes have gone.
    this.#over.abort();
  }

  /** Without a word, as it would not be heard. */
  cut(): void {
    this.#raw.destroy();
  }
}
