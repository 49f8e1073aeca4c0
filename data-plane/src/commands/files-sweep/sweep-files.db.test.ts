import { Readable } from 'node:stream';
import { testDatabase } from '@platen/chassis/testkit/database';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { formOf } from '../../testkit/multipart.js';
import { openTestPlane, tenantOf, testFiles } from '../../testkit/test-plane.js';
import { sweepFiles } from './sweep-files.js';

t.test(
  'what no row knows and what is half deleted goes after a day; what is in use, young or strange stays',
  async (t) => {
    const files = testFiles(t);
    const { storage } = files;
    const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') }, { files });
    const acme = plane.addTenant('acme', 'erp-1');
    const token = plane.token(acme);
    const upload = async () => {
      const form = formOf({ name: 'a.pdf', content: '%PDF-1.7\n' });
      return (await plane.call(acme, token, { method: 'POST', url: '/api/erp/files', ...form })).body.id as string;
    };
    const [kept, marked] = [await upload(), await upload()];
    const [organizationId] = acme.organizationIds;
    const scope = { tenantId: acme.id, organizationId, workspaceId: null };
    const db = plane.router.open(tenantOf(plane.store, acme.id), scope);
    await db.leased.query({
      name: 'test.mark',
      text: `update erp_files set deleted_at = now() where id = '${marked}'`,
    });
    const prefix = `${acme.id}/${organizationId}/`;
    const orphan = `${prefix}${uuidv7()}`;
    const strange = `${prefix}readme`;
    const unknown = `${uuidv7()}/${uuidv7()}/${uuidv7()}`;
    for (const key of [orphan, `${orphan}.thumbnail`, strange, unknown]) {
      await storage.put(key, Readable.from([Buffer.from('left')]), 'text/csv');
    }
    const keys = async () => {
      const found: string[] = [];
      for await (const { key } of storage.list('')) found.push(key);
      return found.sort();
    };
    const before = await keys();
    const tomorrow = new Date(Date.now() + 2 * 86_400_000);
    const sweep = (apply: boolean, now: Date) =>
      sweepFiles({ places: [{ ...scope, db }], storage, print: () => undefined, now, apply });

    t.match(await sweep(true, new Date()), { finished: 0, orphans: 0 }, 'all of it is of today');
    t.match(await sweep(false, tomorrow), { finished: 1, orphans: 2, orphanBytes: 8 }, 'told');
    t.same(await keys(), before, 'and not done');
    t.match(await sweep(true, tomorrow), { finished: 1, orphans: 2, orphanBytes: 8 });
    t.same(await keys(), [`${prefix}${kept}`, strange, unknown].sort());
    t.match(await sweep(true, tomorrow), { finished: 0, orphans: 0 }, 'nothing is left to do');
    t.equal((await plane.call(acme, token, { method: 'GET', url: `/api/erp/files/${kept}` })).status, 200);
    const [row] = await db.leased.query<{ used: string }>({
      name: 'test.used',
      text: 'select used from usage_counters',
    });
    t.equal(row?.used, '9', 'the room of the half deleted one is given back');
  },
);
