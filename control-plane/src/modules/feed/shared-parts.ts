type Lines = readonly string[];

/** Added by one, read by any number while it grows, each from the beginning. */
class Parts implements AsyncIterable<Lines> {
  readonly #parts: Lines[] = [];
  #end: { readonly failure?: unknown } | undefined;
  #waiting: (() => void)[] = [];

  add(part: Lines): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#wake();
  }

  end(end: { readonly failure?: unknown }): void {
    this.#end = end;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Lines> {
    for (let at = 0; ; ) {
      const part = this.#parts[at];
      if (part !== undefined) {
        at += 1;
        yield part;
      } else if (this.#end === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      else if ('failure' in this.#end) throw this.#end.failure;
      else return;
    }
  }
}

/**
 * One read at a time, told to its readers as it goes. Whoever asks meanwhile shares the next: all data planes restarting at
 * once cost two, and nobody gets what was read before they asked.
 */
export function shareNext(read: (add: (part: Lines) => void) => Promise<void>): () => Promise<AsyncIterable<Lines>> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<Parts> | undefined;
  const begin = () => {
    next = undefined;
    const parts = new Parts();
    running = read((part) => parts.add(part)).then(
      () => parts.end({}),
      (failure: unknown) => parts.end({ failure }),
    );
    return parts;
  };
  return () => {
    next ??= running.then(begin);
    return next;
  };
}
