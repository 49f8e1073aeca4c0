import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchPlatform } from '../environment/platform.js';

const results = fileURLToPath(new URL('../../results/soak/', import.meta.url));

/** Copies what the services wrote to where it outlives their folder; instead of what an earlier run left. Answers where. */
export function keepLogs({ dataDir }: Pick<BenchPlatform, 'dataDir'>, soak: string): string {
  const kept = path.join(results, soak);
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(kept, { recursive: true });
  cpSync(path.join(dataDir, 'log'), kept, { recursive: true });
  return kept;
}
