import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getTableName } from 'drizzle-orm';
import { accessSql, appRoles, type DatabaseKind } from '../access.js';
import { databases, listTables } from '../databases.js';
import { migrationsFolder } from '../migrations.js';
import { declaredSnapshot, latestSnapshot, pendingDdl } from './ddl.js';

/**
 * `npm run generate -w schema -- <control|erp|telemetry> <name> [--custom]`
 * Writes the next migration from what changed in the declared tables, with row-level security, policies and grants for
 * tables that are new. `--custom` writes an empty one for SQL that the declarations can't say.
 */
const [kind, name, flag] = process.argv.slice(2);
const custom = flag === '--custom';
if (!isKind(kind) || !name || !/^[a-z][a-z0-9_]*$/.test(name)) {
  console.error('usage: npm run generate -w schema -- <control|erp|telemetry> <name_in_snake_case> [--custom]');
  process.exit(2);
}

const statements = await pendingDdl(kind);
if (statements.length === 0 && !custom) {
  console.log('nothing to generate');
  process.exit(0);
}

const previous = latestSnapshot(kind);
const snapshot = declaredSnapshot(databases[kind].tables, previous.id);
const added = listTables(databases[kind]).filter(({ table }) => !(`public.${getTableName(table)}` in previous.tables));
const sections = [...statements, ...added.map(({ table, access }) => accessSql(table, access).join('\n'))];
writeMigration(kind, name, sections.length > 0 ? sections : ['-- written by hand']);

function writeMigration(target: DatabaseKind, title: string, parts: string[]): void {
  const folder = migrationsFolder(target);
  mkdirSync(`${folder}/meta`, { recursive: true });
  const journal = readJournal(`${folder}/meta/_journal.json`);
  const idx = journal.entries.length;
  const number = String(idx).padStart(4, '0');
  const tag = `${number}_${title}`;
  journal.entries.push({ idx, version: '7', when: Date.now(), tag, breakpoints: true });
  writeFileSync(`${folder}/${tag}.sql`, `${parts.join('\n--> statement-breakpoint\n')}\n`);
  writeFileSync(`${folder}/meta/${number}_snapshot.json`, `${JSON.stringify(snapshot, null, 2)}\n`);
  writeFileSync(`${folder}/meta/_journal.json`, `${JSON.stringify(journal, null, 2)}\n`);
  console.log(`${folder}/${tag}.sql`);
}

interface Journal {
  version: string;
  dialect: string;
  entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[];
}

function readJournal(path: string): Journal {
  try {
    // Ours and committed; drizzle-orm's migrator relies on the same shape.
    return JSON.parse(readFileSync(path, 'utf8')) as Journal;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { version: '7', dialect: 'postgresql', entries: [] };
    throw error;
  }
}

function isKind(value: string | undefined): value is DatabaseKind {
  return value !== undefined && value in appRoles;
}
