import { getTableName } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import t from 'tap';
import { databases, listTables } from './databases.js';
import { purgeOrderOf } from './purge-order.js';

for (const kind of ['control', 'erp', 'telemetry'] as const) {
  t.test(`${kind}: no table stands before one that refers to it`, async (t) => {
    const names = purgeOrderOf(kind).map(({ name }) => name);
    const owned = listTables(databases[kind]).filter(({ table }) =>
      getTableConfig(table).columns.some(({ name }) => name === 'tenant_id'),
    );
    t.same(
      [...names].sort(),
      owned.map(({ table, access }) => access.view ?? getTableName(table)).sort(),
      'every table with a tenant, once',
    );
    for (const { table } of owned) {
      for (const key of getTableConfig(table).foreignKeys) {
        const [from, to] = [getTableName(table), getTableName(key.reference().foreignTable)];
        if (from === to || !names.includes(to)) continue;
        t.ok(names.indexOf(from) < names.indexOf(to), `${from} goes before ${to}`);
      }
    }
  });
}

for (const kind of ['erp', 'telemetry'] as const) {
  t.test(`${kind}: the system role may delete from every table with rows of tenants`, async (t) => {
    for (const { table, access } of listTables(databases[kind])) {
      if (access.class === 'database') continue;
      t.ok(access.grants.platen_system?.includes('delete'), getTableName(table));
    }
  });
}
