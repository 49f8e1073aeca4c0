/**
 * Shares equal values: ten thousand tenants are on a handful of plans and settings, so their module lists, limits and
 * settings are one object each. Bounded: past `limit` distinct values sharing starts over, which costs memory, never
 * correctness.
 */
export function createInterner(limit = 4096): <T extends object>(value: T) => Readonly<T> {
  const known = new Map<string, object>();
  return <T extends object>(value: T) => {
    const key = JSON.stringify(value);
    const found = known.get(key);
    // The key is the value's own text, so what is found under it has the value's type.
    if (found) return found as Readonly<T>;
    if (known.size >= limit) known.clear();
    known.set(key, Object.freeze(value));
    return value;
  };
}
