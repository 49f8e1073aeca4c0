import type { Socket } from 'node:net';

const everyMs = 20;
/** Of those that are due, cut at once: so all of them are within two seconds or three, whether they are a hundred or ten thousand. */
const share = 1 / 25;
const leastAtOnce = 4;

/**
 * Connections that are to be cut. Those that began together are due together, and a cut costs as much as a small request:
 * hundreds in one turn would let everybody else wait for all of them.
 */
export class Cuts {
  readonly #due = new Map<Socket, () => void>();
  #timer: NodeJS.Timeout | undefined;

  add(socket: Socket, cut: () => void): void {
    this.#due.set(socket, cut);
    this.#timer ??= setInterval(() => this.#cutSome(), everyMs).unref();
  }

  /** What it was to be cut for has come after all. */
  spare(socket: Socket): void {
    this.#due.delete(socket);
  }

  #cutSome(): void {
    let left = Math.max(leastAtOnce, Math.ceil(this.#due.size * share));
    for (const [socket, cut] of this.#due) {
      if (left === 0) return;
      left -= 1;
      this.#due.delete(socket);
      cut();
    }
    if (this.#due.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
