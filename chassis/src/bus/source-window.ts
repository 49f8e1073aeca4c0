/**
 * What a consumer holds of one source and topic: events are settled in any order, but a position may only be stored
 * once everything up to it is settled.
 */
export class SourceWindow {
  /** In order of position. */
  #inHand: { readonly position: bigint; settled: boolean }[] = [];
  #fetched = 0n;
  #settledUpTo = 0n;
  #confirmed = 0n;

  /** Which of these are new here; from now on they are in hand. */
  admit<E extends { readonly position: string }>(events: readonly E[]): E[] {
    return events.filter((event) => {
      const position = BigInt(event.position);
      if (position <= this.#fetched) return false;
      this.#fetched = position;
      this.#inHand.push({ position, settled: false });
      return true;
    });
  }

  settle(position: bigint): void {
    const entry = this.#inHand.find((candidate) => candidate.position === position);
    if (entry) entry.settled = true;
    let settled = 0;
    while (this.#inHand[settled]?.settled) settled += 1;
    const last = this.#inHand[settled - 1];
    if (last === undefined) return;
    this.#settledUpTo = last.position;
    this.#inHand.splice(0, settled);
  }

  /** The server has stored this. */
  confirm(position: bigint): void {
    if (position > this.#confirmed) this.#confirmed = position;
  }

  /** Last position received. */
  get fetched(): bigint {
    return this.#fetched;
  }
  /** Up to here all is settled: what may be acknowledged. */
  get settledUpTo(): bigint {
    return this.#settledUpTo;
  }
  get hasUnconfirmed(): boolean {
    return this.#settledUpTo > this.#confirmed;
  }
  /** Is the server's position behind what is here, so that a pull must say so? */
  get isAhead(): boolean {
    return this.#fetched > this.#confirmed;
  }
  /** Events from the oldest unsettled one on. */
  get size(): number {
    return this.#inHand.length;
  }
}
