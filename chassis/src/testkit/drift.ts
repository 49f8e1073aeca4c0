import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DatabaseKind } from '@platen/schema/access';
import { type DatabaseDeclaration, databases } from '@platen/schema/databases';
import { declaredDdl, pendingDdl } from '@platen/schema/tooling/ddl';
import { erdPath, renderErd } from '@platen/schema/tooling/erd';
import postgres, { type Sql } from 'postgres';
import { migrateDatabase } from '../db/migrate.js';
import { compareFacts, describeDatabase } from './catalogue.js';

type Declarations = Readonly<Record<DatabaseKind, DatabaseDeclaration>>;
const kinds = ['control', 'erp', 'telemetry'] as const satisfies readonly DatabaseKind[];

/** Declared tables that no migration creates, and migrations that no declaration asks for. Needs no database. */
export async function findPendingMigrations(declared: Declarations = databases): Promise<string[]> {
  const pending = await Promise.all(
    kinds.map(async (kind) =>
      (await pendingDdl(kind, declared[kind])).map((ddl) => `${kind}: no migration for: ${ddl}`),
    ),
  );
  return pending.flat();
}

export function findStaleDocument(declared: Declarations = databases): string[] {
  const written = readFileSync(erdPath, 'utf8');
  return written === renderErd(kinds.map((kind) => declared[kind]))
    ? []
    : ['docs/ERD.md is stale: npm run docs:erd -w schema'];
}

/** Differences between what is declared and a live database, given a second, empty one to build the declarations in. */
export async function findDifferences(
  kind: DatabaseKind,
  live: Sql,
  empty: Sql,
  declared: DatabaseDeclaration = databases[kind],
): Promise<string[]> {
  for (const statement of await declaredDdl(kind, declared)) await empty.unsafe(statement);
  return compareFacts(await describeDatabase(empty), await describeDatabase(live)).map((fact) => `${kind}: ${fact}`);
}

/** Migrates a database of its own on the server and compares it with the declarations. */
export async function findDatabaseDrift(kind: DatabaseKind, superuserUrl: string): Promise<string[]> {
  return withDatabase(superuserUrl, async (liveUrl) => {
    await migrateDatabase({ url: liveUrl, kind });
    return withDatabase(superuserUrl, async (emptyUrl) => {
      const [live, empty] = [open(liveUrl), open(emptyUrl)];
      try {
        return await findDifferences(kind, live, empty);
      } finally {
        await Promise.all([live.end(), empty.end()]);
      }
    });
  });
}

const open = (url: string): Sql => postgres(url, { max: 1, onnotice: () => {} });

async function withDatabase<T>(superuserUrl: string, work: (url: string) => Promise<T>): Promise<T> {
  const name = `drift_${randomBytes(6).toString('hex')}`;
  const url = new URL(superuserUrl);
  url.pathname = `/${name}`;
  const sql = open(superuserUrl);
  try {
    await sql.unsafe(`create database ${name} template template0`);
    return await work(url.toString());
  } finally {
    await sql.unsafe(`drop database if exists ${name} with (force)`);
    await sql.end();
  }
}
