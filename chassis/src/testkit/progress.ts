/** A condition that what is tested brings about, awaited without looking at the clock. */
export class Progress {
  readonly #waiting = new Set<() => void>();
  changed(): void {
    for (const check of this.#waiting) check();
  }
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }
}
