import { LRUCache } from 'lru-cache';

const one = () => 1;

/**
 * At most so many entries; the one that was asked for longest ago goes. The library's `max` takes the room for all of them at
 * once, which for 50,000 is milliseconds and megabytes of every start; with a size of one each it grows with what it holds.
 */
export const createLru = <V extends object | number>(maxEntries: number): LRUCache<string, V> =>
  new LRUCache({ maxSize: maxEntries, sizeCalculation: one });
