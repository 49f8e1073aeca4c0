import { test } from 'tap';
import type { TestDatabase } from './database.js';
import { asSuperuser } from './database-templates.js';
import { type SeededSet, seededDatabases } from './seeded-databases.js';

const notes = async ({ superuserUrl }: TestDatabase): Promise<string[]> =>
  asSuperuser(superuserUrl, async (client) => {
    const { rows } = await client.query<{ text: string }>('select text from notes order by text');
    return rows.map(({ text }) => text);
  });

const write = ({ superuserUrl }: TestDatabase, text: string) =>
  asSuperuser(superuserUrl, (client) => client.query('insert into notes values ($1)', [text]));

function setOf(name: string, fill: SeededSet<'left' | 'right'>['fill']): SeededSet<'left' | 'right'> {
  return { name, kinds: { left: 'erp', right: 'control' }, fill };
}

const fill: SeededSet<'left' | 'right'>['fill'] = async (databases) => {
  for (const [key, database] of Object.entries(databases)) {
    await asSuperuser(database.superuserUrl, (client) => client.query('create table notes (text text)'));
    await write(database, key);
  }
};

test('filled once, also when asked for at once; each test has databases of its own', async (t) => {
  let fills = 0;
  const set = setOf('kit_once', (databases) => {
    fills += 1;
    return fill(databases);
  });
  const all = await Promise.all([seededDatabases(t, set), seededDatabases(t, set), seededDatabases(t, set)]);
  t.equal(fills, 1);
  const [first, second] = all;
  await write(first.left, 'mine');
  t.same(await notes(first.left), ['left', 'mine']);
  t.same(await notes(second.left), ['left']);
  t.same(await notes(second.right), ['right']);
  t.same(await notes((await seededDatabases(t, set)).left), ['left'], 'nor does the template know what was written');
});

test('a fill that failed leaves nothing that looks filled', async (t) => {
  const broken = setOf('kit_broken', async (databases) => {
    await fill(databases);
    throw new Error('half-way');
  });
  await t.rejects(seededDatabases(t, broken), { message: 'half-way' });
  const { left } = await seededDatabases(t, setOf('kit_broken', fill));
  t.same(await notes(left), ['left']);
});
