import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runSql } from './platform.js';

/** The process of a server on this machine that all of its others descend from. */
export async function postmasterOf(url: string): Promise<number> {
  const [row] = await runSql(url, 'show data_directory');
  const folder = (row as { data_directory: string }).data_directory;
  return Number(readFileSync(path.join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
}
