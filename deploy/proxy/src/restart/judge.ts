import type { Load } from './load.js';

/** A promise, and what broke it. */
export interface Judged {
  readonly promise: string;
  readonly broken: readonly string[];
}

/** `stored` says how often each of these customers is in the database, past every service. */
export async function judgeLoad(
  load: Load,
  before: ReadonlyMap<string, number>,
  stored: (codes: readonly string[]) => Promise<ReadonlyMap<string, number>>,
): Promise<Judged[]> {
  const codes = [...load.customers];
  const found = await stored(codes);
  const changed = [...load.versions].reduce((sum, [id, version]) => sum + version - (before.get(id) ?? 0), 0);
  const missed = load.followers.flatMap(({ told }, n) =>
    [...load.versions].flatMap(([id, last]) => {
      const from = before.get(id) ?? 0;
      const versions = Array.from({ length: last - from }, (_, i) => from + 1 + i);
      return versions
        .filter((version) => !told.get(id)?.has(version))
        .map((version) => `stream ${n + 1} never told of version ${version} of job ${id}`);
    }),
  );
  return [
    {
      promise: 'no 5xx, no reset connection, no stream that is cut',
      broken: load.faults,
    },
    {
      promise: 'what was acknowledged is there once',
      broken: [
        ...codes
          .filter((code) => found.get(code) !== 1)
          .map((code) => `${code} is stored ${found.get(code) ?? 0} times`),
        ...(changed === load.counts.changes ? [] : [`${load.counts.changes} changes raised versions by ${changed}`]),
      ],
    },
    { promise: 'streams resume without a gap', broken: missed },
  ];
}

export const describeLoad = ({ counts, followers }: Load): string =>
  `${counts.reads} reads, ${counts.writes} POSTs with keys and ${counts.changes} PATCHes through nginx, ${counts.direct} reads without it, which left a draining plane ${counts.left} times; ${followers.length} streams came back ${followers.reduce((sum, { returns }) => sum + returns(), 0)} times`;
