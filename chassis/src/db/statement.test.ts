import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { test } from 'tap';
import { fromDrizzle } from './drizzle-statement.js';
import { statement } from './statement.js';

const things = pgTable('things', { id: integer('id'), name: text('name'), size: integer('size') });
const db = drizzle.mock();

test('a name stands for one text', async (t) => {
  const first = statement('unit.one', 'select 1');
  t.same(statement('unit.one', 'select 1'), first, 'declared again the same way');
  t.throws(() => statement('unit.one', 'select 2'), /already stands for another text/);
});

test('a Drizzle query becomes a statement whose values come in the order named', async (t) => {
  const query = db
    .select({ id: things.id })
    .from(things)
    .where(sql`${eq(things.name, sql.placeholder('name'))} and ${things.size} > ${sql.placeholder('size')}
      and ${things.name} <> ${sql.placeholder('name')}`)
    .limit(sql.placeholder('limit'));
  const made = fromDrizzle<{ id: string }>('unit.drizzle', query, ['size', 'name', 'limit'], { parse: { id: 'int' } });
  t.match(
    made.text,
    /"name" = \$2 and "things"."size" > \$1\s+and "things"."name" <> \$2\) limit \$3|"name" = \$2 and/,
  );
  t.match(made.text, /limit \$3$/);
  t.same(made.parse, { id: 'int' });
});

test('an insert from Drizzle', async (t) => {
  const insert = db.insert(things).values({ id: sql.placeholder('id'), name: sql.placeholder('name') });
  const made = fromDrizzle('unit.insert', insert, ['id', 'name']);
  t.equal(made.text, 'insert into "things" ("id", "name", "size") values ($1, $2, default)');
});

test('constants, unknown and unused value names are refused', async (t) => {
  const constant = db.select().from(things).where(eq(things.id, 7));
  t.throws(() => fromDrizzle('unit.constant', constant, []), /parameter \$1 is a constant/);
  const named = db
    .select()
    .from(things)
    .where(eq(things.id, sql.placeholder('id')));
  t.throws(() => fromDrizzle('unit.unknown', named, ['other']), /"id" is not among/);
  t.throws(() => fromDrizzle('unit.unused', named, ['id', 'other']), /no placeholder for other/);
});
