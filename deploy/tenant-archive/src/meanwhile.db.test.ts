import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { openStorage } from '@platen/data-plane/storage/open-storage';
import { s3IsMissing, startTestS3 } from '@platen/data-plane/testkit/s3-server';
import t from 'tap';
import { verifyArchive } from './archive/verify-archive.js';
import { acme, fingerprint, openTenants } from './tenants.fixture.js';

// What others do while a tenant that is there is replaced; then the same tenant's files in another storage.
t.setTimeout(120_000);
const own = await openTenants(t, 'postgres', 'small');
const { backup, restore, file, databases, plane, printed, storage, env } = own;
const setStatus = (status: string) => plane.sql('update tenants set status = $2 where id = $1', [acme.id, status]);
const statusOf = async () =>
  (await plane.sql<{ status: string }>('select status from tenants where id = $1', [acme.id]))[0];
const replace = [file('a'), '--replace'];

const picture = `${acme.id}/${acme.organizations['acme-promo'].id}/${randomUUID()}`;
const { byteSize, sha256 } = await storage.put(picture, Readable.from([Buffer.alloc(70_000, 7)]), 'image/png');
await asSuperuser(databases.erp.superuserUrl, (erp) =>
  erp.query(
    `insert into erp_files (tenant_id, organization_id, id, storage_key, file_name, media_type, byte_size, sha256, uploaded_by)
     values ($1, $2, gen_random_uuid(), $3, 'picture.png', 'image/png', $4, $5, $6)`,
    [acme.id, acme.organizations['acme-promo'].id, picture, byteSize, sha256, acme.users[0].id],
  ),
);
t.equal(await backup('acme', '--out', file('a')), 0, printed.join('\n'));
await setStatus('suspended');

type Ask = Parameters<Parameters<typeof asSuperuser<void>>[1]>[0];

/** Replaces the tenant and stops where all of the ERP database is deleted and nothing is back; answers the exit code. */
const between = (meanwhile: (erp: Ask) => Promise<void>): Promise<number> =>
  asSuperuser(databases.erp.superuserUrl, async (erp) => {
    await erp.query(`create or replace function hold() returns trigger language plpgsql as
      'begin perform pg_advisory_xact_lock(7); return null; end'`);
    await erp.query('create trigger hold before insert on erp_customers execute function hold()');
    await erp.query('select pg_advisory_lock(7)');
    let ended = false;
    const restored = restore(replace, 'acme').finally(() => {
      ended = true;
    });
    const isWaiting = async () => {
      const { rowCount } = await erp.query(`select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`);
      return rowCount !== 0;
    };
    while (!ended && !(await isWaiting())) await setTimeout(10);
    await meanwhile(erp);
    await erp.query('select pg_advisory_unlock(7)');
    const code = await restored;
    await erp.query('drop trigger hold on erp_customers');
    return code;
  });

t.test('reactivated while its slug was asked for: refused', async (t) => {
  const code = await restore(replace, 'acme', async () => {
    await setStatus('active');
    return 'acme';
  });
  t.equal(code, 1);
  t.match(printed.at(-1), /acme is active: suspend it first/);
  await setStatus('suspended');
});

t.test('nobody reactivates it until all is back', async (t) => {
  const code = await between(async () => {
    const reactivated = asSuperuser(databases.control.superuserUrl, async (control) => {
      await control.query(`set lock_timeout = '100ms'`);
      await control.query(`update tenants set status = 'active' where id = $1`, [acme.id]);
    });
    await t.rejects(reactivated, /lock timeout/);
  });
  t.equal(code, 0, printed.join('\n'));
  t.match(await statusOf(), { status: 'suspended' });
});

t.test('written between deletion and copy, by whoever had not heard: refused, and nothing is changed', async (t) => {
  const before = await fingerprint(databases, acme.id);
  const code = await between(async (erp) => {
    await erp.query(`insert into erp_customers (tenant_id, organization_id, id, code, name, currency)
      select tenant_id, organization_id, gen_random_uuid(), 'late', 'Late', currency from erp_customers
      where tenant_id = '${acme.id}' limit 1`);
  });
  t.equal(code, 1);
  t.match(printed.at(-1), /Somebody wrote meanwhile, 1 rows of erp_customers/);
  const after = await fingerprint(databases, acme.id);
  const changed = Object.keys(before).filter((table) => before[table] !== after[table]);
  t.same(changed, ['erp erp_customers'], 'all is there, with what was written');
  t.equal(await restore(replace, 'acme'), 0, printed.join('\n'));
});

t.test('the connection that holds it is lost: nothing is changed', async (t) => {
  const before = await fingerprint(databases, acme.id);
  const code = await between(async () => {
    await asSuperuser(databases.control.superuserUrl, (control) =>
      control.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'platen-tenant-archive' and datname = current_database()`),
    );
    await setStatus('active');
  });
  t.equal(code, 1);
  const after = await fingerprint(databases, acme.id);
  t.same(after['erp erp_quotes'], before['erp erp_quotes']);
  await setStatus('suspended');
});

t.test('its files in S3: put there, taken from there, and missing there', { skip: s3IsMissing }, async (t) => {
  const server = await startTestS3();
  t.teardown(() => server.stop());
  const s3 = await openStorage({ kind: 's3', ...server.options });
  t.teardown(() => s3.close());
  Object.assign(env, {
    STORAGE_PROVIDER: 's3',
    S3_ENDPOINT: server.options.endpoint,
    S3_BUCKET: server.options.bucket,
    S3_ACCESS_KEY_ID: server.options.accessKeyId,
    S3_SECRET_ACCESS_KEY: server.options.secretAccessKey,
  });
  const { manifest } = await verifyArchive(file('a'));
  t.ok(manifest.files.length > 0);
  const requireSame = async () => {
    for (const { key, media_type: mediaType } of manifest.files) {
      const [there, here] = await Promise.all([s3.get(key), storage.get(key)]);
      if (there === undefined || here === undefined) throw new Error(`${key} is missing`);
      const bytes = await buffer(here);
      t.ok((await buffer(there)).equals(bytes), key);
      const link = await s3.signedUrl(key, { contentDisposition: 'attachment', mediaType, ttlSeconds: 60 });
      const answer = await fetch(link ?? '');
      t.equal(answer.headers.get('content-type'), mediaType);
      t.ok(Buffer.from(await answer.arrayBuffer()).equals(bytes), `${key} by a link`);
    }
  };
  t.equal(await restore(replace, 'acme'), 0, printed.join('\n'));
  await requireSame();

  t.equal(await backup('acme', '--out', file('b')), 0, printed.join('\n'));
  t.same((await verifyArchive(file('b'))).manifest.files, manifest.files);
  t.equal(await s3.deletePrefix(`${acme.id}/`), manifest.files.length);
  t.equal(await restore([file('b'), '--replace'], 'acme'), 0, printed.join('\n'));
  await requireSame();

  const lost = manifest.files[0]?.key ?? '';
  await s3.delete(lost);
  t.equal(await backup('acme', '--out', file('c')), 3);
  t.ok(printed.includes(`missing or damaged in the storage: ${lost}`));
});
