import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc: USER_HZ is 100 on every Linux that Node runs on. */
const tickMs = 10;

interface Stat {
  readonly parent: number;
  /** utime + stime, every thread. */
  readonly ownMs: number;
  /** Of children that have ended and were waited for. */
  readonly endedChildrenMs: number;
}

/** Fields of /proc/<pid>/stat (proc(5)), counted after the name, which may hold spaces and brackets. */
function readStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    parent: field(4),
    ownMs: (field(14) + field(15)) * tickMs,
    endedChildrenMs: (field(16) + field(17)) * tickMs,
  };
}

export const canMeasureCpu = (): boolean => readStat(process.pid) !== undefined;

/** CPU time of one process so far, in milliseconds. */
export const cpuOfProcess = (pid: number): number => readStat(pid)?.ownMs ?? 0;

/** CPU time of a process and of all it ever started, in milliseconds: a Postgres server with its backends, ended ones too. */
export function cpuOfTree(pid: number): number {
  const own = readStat(pid);
  if (own === undefined) return 0;
  let sum = own.ownMs + own.endedChildrenMs;
  for (const child of childrenOf(pid)) sum += readStat(child)?.ownMs ?? 0;
  return sum;
}

export function childrenOf(pid: number): number[] {
  const pids = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  return pids.filter((other) => readStat(other)?.parent === pid);
}

/** Resident memory in MB, or null where there is no /proc. */
export const residentMb = (pid: number): number | null => readMb(pid, 'VmRSS');

/** The most that was ever resident. */
export const peakResidentMb = (pid: number): number | null => readMb(pid, 'VmHWM');

function readMb(pid: number, field: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}
