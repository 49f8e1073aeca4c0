import type { BenchPlatform } from '../environment/platform.js';
import type { LoadGenerator } from '../measure/load.js';
import type { Spread } from '../measure/statistics.js';

export interface Effort {
  readonly rounds: number;
  /** Multiplies amounts: 1, or less with --quick. */
  readonly scale: number;
}

/** What rows share; the platform is started when a row first asks for it. */
export interface RowContext {
  readonly effort: Effort;
  readonly load: LoadGenerator;
  platform(): Promise<BenchPlatform>;
}

export interface Result {
  readonly label: string;
  readonly unit: 'R' | 'ns' | 'µs' | 'ms' | 's' | 'KB' | 'MB' | 'round trips';
  readonly value: Spread;
  /** Absent: informational. */
  readonly must?: number;
  readonly goal?: number;
  /** What else was seen, e.g. CPU µs of Node and Postgres. */
  readonly detail?: string;
}

export interface Row {
  /** What --only matches, beside the title. */
  readonly name: string;
  readonly title: string;
  /** Measured in R, so it needs /proc. */
  readonly needsCpu?: true;
  /** Why it cannot be measured on this machine, or null. Makes ready what it needs. */
  unavailable?(): string | null;
  run(context: RowContext): Promise<Result[]>;
}

export const single = (value: number): Spread => ({ median: value, low: value, high: value });
