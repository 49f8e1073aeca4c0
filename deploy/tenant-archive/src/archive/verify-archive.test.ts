import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { pack } from 'tar-stream';
import { runBackup } from '../run-command.js';
import { ArchiveError, archiveFormat, type Manifest, manifestName, rowsPartName } from './manifest.js';
import { verifyArchive } from './verify-archive.js';
import { openArchiveWriter } from './write-archive.js';

const folder = await mkdtemp(path.join(tmpdir(), 'platen-archive-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const [tenant, stranger, organization] = [randomUUID(), randomUUID(), randomUUID()];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const rowOf = (tenantId: string, n = 1) => `${JSON.stringify({ tenant_id: tenantId, n })}\n`;
const partName = rowsPartName({ kind: 'erp', table: 'erp_orders', organizationId: organization }, 1);

const manifestOf = (rows: string): Omit<Manifest, 'parts'> => ({
  format: archiveFormat,
  tenant: { id: tenant, slug: 'acme' },
  organizations: [organization],
  taken_at: '2026-01-01T00:00:00.000Z',
  databases: [{ kind: 'erp', key: 'erp-1', migration: '0001_x' }],
  tables: [{ database: 'erp', name: 'erp_orders', rows: rows.trim().split('\n').length, sha256: sha256(rows) }],
  files: [],
  missing_files: [],
});

async function written(name: string, rows: string): Promise<string> {
  const file = path.join(folder, name);
  const archive = openArchiveWriter(file);
  await archive.add(partName, Buffer.from(rows));
  await archive.finish(manifestOf(rows));
  return file;
}

/** By somebody who knows how: every hash is right. */
async function forged(
  name: string,
  entries: readonly { name: string; text: string; type?: 'symlink' }[],
  claims: Partial<Manifest> = {},
) {
  const tar = pack();
  const parts = entries.map((entry) => ({ name: entry.name, bytes: entry.text.length, sha256: sha256(entry.text) }));
  for (const { name, text, type = 'file' } of entries)
    if (type === 'symlink') tar.entry({ name, type, linkname: '/etc/passwd' });
    else tar.entry({ name }, text);
  const rows = entries.map(({ text }) => text).join('');
  tar.entry({ name: manifestName }, JSON.stringify({ ...manifestOf(rows), parts, ...claims }));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  const file = path.join(folder, name);
  await writeFile(file, gzipSync(Buffer.concat(chunks)));
  return file;
}

t.test('what was written is read, and says so without a database', async (t) => {
  const file = await written('whole', rowOf(tenant) + rowOf(tenant, 2));
  t.match(await verifyArchive(file), { manifest: { tenant: { slug: 'acme' } } });
  const printed: string[] = [];
  const io = { env: {}, print: (line: string) => void printed.push(line), ask: async () => '' };
  t.equal(await runBackup(['--verify', file], io), 0);
  t.match(printed, [/^acme of 2026.*2 rows/]);
  t.equal(await runBackup(['acme'], io), 2, 'no --out');
  t.equal(await runBackup(['--nonsense'], io), 2);
  t.equal(await runBackup(['acme', '--out', file], io), 2, 'no configuration');
  t.equal(await runBackup(['--help'], io), 0);
});

function isUnchanged(zipped: Buffer, content: Buffer): boolean {
  try {
    return gunzipSync(zipped).equals(content);
  } catch {
    return false;
  }
}

t.test('one bit of the file, wherever it is, or its end missing', async (t) => {
  const file = await written('bits', Array.from({ length: 200 }, (_, n) => rowOf(tenant, n)).join(''));
  const whole = await readFile(file);
  const content = gunzipSync(whole);
  const damaged = path.join(folder, 'damaged');
  // The header's bytes of time and system say nothing; of all others few do not, where one zero is as good as the next.
  for (let at = 10; at < whole.length; at += 7) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
    if (isUnchanged(bytes, content)) continue;
    await writeFile(damaged, bytes);
    await t.rejects(verifyArchive(damaged), ArchiveError, `byte ${at}`);
  }
  for (const length of [0, 5, 20, whole.length >> 1, whole.length - 1]) {
    await writeFile(damaged, whole.subarray(0, length));
    await t.rejects(verifyArchive(damaged), ArchiveError, `${length} bytes`);
  }
  // And where whoever changed it has compressed it again.
  const text = gunzipSync(whole).toString('latin1').replace('"n":7}', '"n":8}');
  await writeFile(damaged, gzipSync(Buffer.from(text, 'latin1')));
  await t.rejects(verifyArchive(damaged), /is not what was written/);
});

t.test('made by somebody who knows how', async (t) => {
  const row = { name: partName, text: rowOf(tenant) };
  t.ok(await verifyArchive(await forged('right', [row])));
  const cases: Record<string, readonly { name: string; text: string; type?: 'symlink' }[]> = {
    'has rows of another tenant': [{ name: partName, text: rowOf(tenant) + rowOf(stranger) }],
    'has no place for': [row, { name: 'files/../../etc/cron.d/x', text: '' }],
    'has no place': [row, { name: `files/${tenant}/../../x`, text: '' }],
    'no place for': [row, { name: `/etc/passwd`, text: '' }],
    'rows of another tenant': [row, { name: `files/${stranger}/${organization}/x`, text: '' }],
    'is no file': [row, { name: `files/${tenant}/${organization}/x`, text: '', type: 'symlink' }],
    'is there twice': [row, row],
    'is no JSON': [{ name: partName, text: 'not json\n' }],
    'is no object': [{ name: partName, text: '[1]\n' }],
  };
  for (const [message, entries] of Object.entries(cases))
    await t.rejects(verifyArchive(await forged('wrong', entries)), new RegExp(message), message);
});

const line = (row: object) => `${JSON.stringify({ tenant_id: tenant, ...row })}\n`;

t.test("a row that is the tenant's own and names the file of another", async (t) => {
  const own = `${tenant}/${organization}/x`;
  const theirs = `${stranger}/${organization}/x`;
  const filesOf = async (row: object, table = 'erp_files') => {
    const text = line(row);
    const name = rowsPartName({ kind: 'erp', table, organizationId: organization }, 1);
    const tables = [{ database: 'erp' as const, name: table, rows: 1, sha256: sha256(text) }];
    return verifyArchive(await forged('names', [{ name, text }], { tables }));
  };
  t.ok(await filesOf({ storage_key: own, thumbnail_key: null }));
  for (const key of [theirs, `${tenant}x/${organization}/x`, `${tenant}/../${stranger}/x`, '', 7, null, [own]])
    await t.rejects(filesOf({ storage_key: key, thumbnail_key: null }), ArchiveError, `${key}`);
  await t.rejects(filesOf({ storage_key: own, thumbnail_key: theirs }), /file of another tenant/);
  await t.rejects(filesOf({ storage_key: theirs }, 'erp_job_parts'), /file of another tenant/);
});

t.test('a manifest that names what no backup names', async (t) => {
  const entries = [{ name: partName, text: rowOf(tenant) }];
  const erp = { kind: 'erp' as const, key: 'erp-1', migration: '0001_x' };
  const cases: readonly [RegExp, Partial<Manifest>][] = [
    [/organization/, { organizations: [] }],
    [/databases/, { databases: [{ ...erp, key: null }] }],
    [/databases/, { databases: [{ ...erp, kind: 'control' }] }],
    [/databases/, { databases: [erp, { ...erp, key: 'erp-2' }] }],
    [/slug/, { tenant: { id: tenant, slug: '\u001b[2J' } }],
  ];
  for (const [message, claims] of cases)
    await t.rejects(verifyArchive(await forged('claims', entries, claims)), message);
});

t.test('what somebody else has put where it will be written gets nothing of it', async (t) => {
  const [elsewhere, file] = [path.join(folder, 'elsewhere'), path.join(folder, 'planted')];
  await writeFile(elsewhere, '', { mode: 0o644 });
  await symlink(elsewhere, `${file}.partial`);
  await written('planted', rowOf(tenant));
  t.equal((await readFile(elsewhere)).length, 0);
  t.equal((await stat(file)).mode & 0o777, 0o600);
});
