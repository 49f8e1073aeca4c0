import type pg from 'pg';
import {
  cloneDatabase,
  describeDatabase,
  ensureTemplate,
  type Teardown,
  type TestDatabase,
  testServerUrl,
} from './database.js';
import { asSuperuser, cloneOf, seededPrefix, type TemplateKind, urlFor } from './database-templates.js';

/** Databases that are filled together, once per test run, whatever the number of tests that begin with them. */
export interface SeededSet<Key extends string> {
  /** Of lower-case letters, digits and underscores. The same name is the same content. */
  readonly name: string;
  readonly kinds: Readonly<Record<Key, TemplateKind>>;
  /** Leaves no connection open. */
  fill(databases: Readonly<Record<Key, TestDatabase>>): Promise<unknown>;
}

type Names<Key extends string> = readonly (readonly [key: Key, kind: TemplateKind, template: string])[];

/** Databases of the test's own, as `testDatabase` gives them, with the set's content: copies of what was filled once. */
export async function seededDatabases<Key extends string>(
  t: Teardown,
  set: SeededSet<Key>,
): Promise<Record<Key, TestDatabase>> {
  const serverUrl = await testServerUrl();
  // The keys of a record of Key.
  const names: Names<Key> = (Object.keys(set.kinds) as Key[]).map((key) => [
    key,
    set.kinds[key],
    `${seededPrefix}${set.name}_${key.replaceAll('-', '_')}`,
  ]);
  await ensureSeeded(serverUrl, set, names);
  const clones: (readonly [Key, TestDatabase])[] = [];
  for (const [key, kind, template] of names) clones.push([key, await cloneDatabase(t, serverUrl, kind, template)]);
  // Each key of `kinds` has its clone.
  return Object.fromEntries(clones) as Record<Key, TestDatabase>;
}

/** Any number of test processes may do this at once: the first one fills, the others wait for it. */
async function ensureSeeded<Key extends string>(
  serverUrl: string,
  set: SeededSet<Key>,
  names: Names<Key>,
): Promise<void> {
  const templates = names.map(([, , template]) => template);
  const areThere = async (client: pg.Client) => {
    const { rowCount } = await client.query('select from pg_database where datname = any ($1)', [templates]);
    return rowCount === templates.length;
  };
  // They have their names when they are filled: nobody's turn to wait for.
  if (await asSuperuser(serverUrl, areThere)) return;
  await asSuperuser(serverUrl, async (client) => {
    await client.query('select pg_advisory_lock(hashtext($1))', [`platen seeded ${set.name}`]);
    if (await areThere(client)) return;
    // Whoever died half-way left some.
    for (const template of templates) {
      for (const name of [template, draftOf(template)])
        await client.query(`drop database if exists ${name} with (force)`);
    }
    for (const [, kind, template] of names) {
      await client.query(`create database ${draftOf(template)} ${cloneOf(await ensureTemplate(serverUrl, kind))}`);
    }
    const drafts = names.map(([key, , template]) => [key, describeDatabase(serverUrl, draftOf(template))] as const);
    await set.fill(Object.fromEntries(drafts) as Record<Key, TestDatabase>);
    for (const template of templates) {
      // Read once by the planner's statistics and marked as committed here, not in every copy.
      await asSuperuser(urlFor(serverUrl, draftOf(template)), (draft) => draft.query('vacuum (analyze)'));
      await client.query(`alter database ${draftOf(template)} rename to ${template}`);
    }
  });
}

const draftOf = (template: string): string => `${template}_draft`;
