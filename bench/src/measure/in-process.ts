/** CPU time of one call in nanoseconds, after a tenth of them to warm up. CPU rather than wall time: other processes run too. */
export function cpuNanosEach(times: number, work: (n: number) => void): number {
  for (let n = 0; n < times / 10; n += 1) work(n);
  const before = process.cpuUsage();
  for (let n = 0; n < times; n += 1) work(n);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / times;
}

/** The same of work that is awaited, one call after another. */
export async function cpuNanosOfEach(times: number, work: () => Promise<unknown>): Promise<number> {
  await work();
  const before = process.cpuUsage();
  for (let n = 0; n < times; n += 1) await work();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / times;
}
