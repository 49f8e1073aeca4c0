import { readFileSync } from 'node:fs';
import { type CatalogEntry, migrateCatalog } from '@platen/chassis/db/migrate';

/** `npm run db:migrate`, the data plane's part: every database of the catalogue at once; run again, it resumes. */
const results = await migrateCatalog(readCatalog(process.env['MIGRATE_DB_CATALOG']), console.log);
process.exitCode = results.every((result) => result.ok) ? 0 : 1;

/** JSON, or the path of a file with it: `{"erp-1": {"url": "postgres://owner@…", "kind": "erp"}}`, or `telemetry`. */
function readCatalog(given: string | undefined): CatalogEntry[] {
  if (!given) refuse('required, the databases as their owner: {"<key>": {"url": "…", "kind": "erp"}}');
  const entries = Object.entries(parse(given.trimStart().startsWith('{') ? given : read(given)));
  if (entries.length === 0) refuse('names no database');
  return entries.map(([key, entry]) => {
    if (!isEntry(entry)) refuse(`${key}: needs a "url" and "kind": "erp" or "telemetry"`);
    return { key, url: entry.url, kind: entry.kind };
  });
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // The parser's message would quote the text, passwords included.
  }
  refuse('not a JSON object');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    refuse('neither JSON nor a file that can be read');
  }
}

function isEntry(entry: unknown): entry is { url: string; kind: 'erp' | 'telemetry' } {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'url' in entry &&
    typeof entry.url === 'string' &&
    'kind' in entry &&
    (entry.kind === 'erp' || entry.kind === 'telemetry')
  );
}

function refuse(problem: string): never {
  console.error(`MIGRATE_DB_CATALOG: ${problem}`);
  process.exit(2);
}
