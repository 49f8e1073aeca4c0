import { type Source, type Span, sourceMs } from './steps.js';

/** Of each source, whole buckets that are not to be taken from it: what is in them comes from the next finer one. */
export type FreshSpans = Readonly<Record<Exclude<Source, 'raw'>, readonly Span[]>>;

/** What was stored and is in no rollup yet, by its first and its last reading. */
export interface DirtySpan {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Each source's buckets that something new is in, as far as they are within the buckets that are asked for. */
export function freshSpansOf(dirty: readonly DirtySpan[], { fromMs, toMs }: Span): FreshSpans {
  const of = (source: '1m' | '1h' | '1d'): Span[] => {
    const bucketMs = sourceMs[source];
    const spans = dirty
      .filter(({ firstMs, lastMs }) => firstMs < toMs && lastMs >= fromMs)
      .map(({ firstMs, lastMs }) => ({
        fromMs: Math.floor(firstMs / bucketMs) * bucketMs,
        toMs: (Math.floor(lastMs / bucketMs) + 1) * bucketMs,
      }));
    return unite(spans);
  };
  return { '1m': of('1m'), '1h': of('1h'), '1d': of('1d') };
}

/** In order, none touching another. */
function unite(spans: readonly Span[]): Span[] {
  const united: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = united.at(-1);
    if (last === undefined || span.fromMs > last.toMs) united.push(span);
    else united[united.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
  }
  return united;
}

/** A `tstzmultirange` of Postgres. */
export const multirangeOf = (spans: readonly Span[]): string =>
  `{${spans.map(({ fromMs, toMs }) => `[${new Date(fromMs).toISOString()},${new Date(toMs).toISOString()})`).join(',')}}`;
