import { Readable } from 'node:stream';
import { firstTime } from '@platen/chassis/bus/inbox';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { lockHeldJob } from './index.js';
import { exported, openJobs, passLease, passWait, type Step, said, type Where } from './jobs.fixture.js';

const plane = await openJobs(t);
const { request, work, job, act, told, sql } = plane;
let tenants = 0;
const newPlace = (): Where => {
  tenants += 1;
  return { tenant: plane.addTenant(`shop-${tenants}`, 'erp_1') };
};
const claim = async (where: Where, id: string, owner = uuidv7()) => {
  const { body } = await work(where, id, 'claim', { owner });
  return { ...body, holder: { owner, attempt: body.job?.attempt ?? 0 } };
};
const done = { result: exported };
const failed = (retry: boolean) => ({ error: { code: 'dependency_unavailable', message: 'away' }, retry });

t.test('from its request to its end: one event for each state, progress that never goes back', async (t) => {
  const where = newPlace();
  const { id } = await request(where, { totalHint: 100 });
  t.match(await job(where, id), { status: 'queued', progress: 0, progress_total: 100, attempts: 0, version: 1 });
  const { holder, job: claimed } = await claim(where, id);
  t.match(claimed, { attempt: 1, kind: 'export', payload: { resource: 'orders' }, cursor: null, lease_seconds: 30 });
  t.match(said(await work(where, id, 'progress', { ...holder, progress: 40, cursor: 'forty' })), { cancel: false });
  t.match(said(await work(where, id, 'progress', { ...holder, progress: 30, cursor: 'thirty' })), { cancel: false });
  t.match(said(await work(where, id, 'progress', holder)), { cancel: false });
  t.match(await job(where, id), { progress: 40, version: 3 }, 'what says nothing new is no new version');
  t.match(await sql('select cursor from erp_jobs where id = $1', [id]), [{ cursor: 'forty' }]);
  t.match(said(await work(where, id, 'complete', { ...holder, result: { ...exported, kind: 'mockup' } })), /^400/);
  for (const time of ['once', 'twice']) {
    t.match(said(await work(where, id, 'complete', { ...holder, ...done })), { status: 'succeeded' }, time);
  }
  const end = await job(where, id);
  t.match(end, { status: 'succeeded', progress: 100, result: exported, error: null });
  const keptDays = (Date.parse(end.expires_at ?? '') - Date.parse(end.finished_at ?? '')) / 86_400_000;
  t.equal(keptDays, 30);
  t.same(await told(id), ['queued', 'started', 'progressed', 'succeeded']);
  t.match(await sql('select kind from due_work where ref_id = $1', [id]), [{ kind: 'job_finished' }]);
});

t.test('lists by kind, status and who asked', async (t) => {
  const where = newPlace();
  const [first] = [await request(where), await request(where, { kind: 'mockup' })];
  const userId = uuidv7();
  await sql('update erp_jobs set requested_by = $2 where id = $1', [first.id, userId]);
  const token = plane.token(where.tenant, { sub: userId });
  const list = async (query: string) =>
    (await plane.call(where.tenant, token, { url: `/api/erp/jobs${query}` })).body.items.length;
  t.equal(await list(''), 2);
  t.equal(await list('?kind=mockup'), 1);
  t.equal(await list('?mine=true'), 1);
  t.equal(await list('?mine=true&status=queued&kind=export'), 1);
  t.equal(await list('?status=running'), 0);
});

t.test('whoever lost a job writes nothing of it any more', async (t) => {
  const where = newPlace();
  const { id } = await request(where);
  const { holder: zombie } = await claim(where, id);
  await passLease(plane, id);
  await plane.runner().runDue();
  const steps: [Step, object][] = [
    ['progress', { progress: 99, cursor: 'zombie' }],
    ['complete', done],
    ['fail', failed(false)],
    ['release', { cursor: 'zombie' }],
  ];
  const refused = async (name: string) => {
    const before = await sql('select to_jsonb(j) as j from erp_jobs j where id = $1', [id]);
    for (const [step, body] of steps) {
      t.equal(said(await work(where, id, step, { ...zombie, ...body })), '409 lease_lost', `${step}, ${name}`);
    }
    await t.rejects(
      plane.db(where).transaction((tx) => lockHeldJob(tx, id, { ...zombie, workspaceId: null })),
      { code: 'lease_lost' },
    );
    t.same(await sql('select to_jsonb(j) as j from erp_jobs j where id = $1', [id]), before, name);
  };
  await refused('queued again');
  const { holder } = await claim(where, id);
  t.match(holder, { attempt: 2 });
  await refused('taken up by another');
  await work(where, id, 'complete', { ...holder, ...done });
  await refused('done');
  t.same(await told(id), ['queued', 'started', 'queued', 'started', 'succeeded']);
});

t.test('an answer that was lost: the same owner claims the same attempt, another gets nothing', async (t) => {
  const where = newPlace();
  const { id } = await request(where);
  const owner = uuidv7();
  t.match(await claim(where, id, owner), { job: { attempt: 1 } });
  t.match(await claim(where, id, owner), { job: { attempt: 1 } });
  t.match(await claim(where, id), { job: null, refused: 'taken' });
  await work(where, id, 'complete', { owner, attempt: 1, ...done });
  t.match(await claim(where, id, owner), { job: null, refused: 'finished' });
});

t.test('cancelled while queued, while running, and while its worker is gone', async (t) => {
  const where = newPlace();
  const [queued, running, orphan] = [await request(where), await request(where), await request(where)];
  t.match(said(await act(where, queued.id, 'cancel')), { status: 'cancelled', result: null });
  t.match(said(await act(where, queued.id, 'cancel')), '409 illegal_transition');
  t.match(await claim(where, queued.id), { refused: 'finished' });

  const { holder } = await claim(where, running.id);
  t.equal(said(await act(where, running.id, 'cancel', { 'if-match': '"1"' })), '412 version_mismatch');
  t.match(said(await act(where, running.id, 'cancel')), { status: 'running', cancel_requested_at: String });
  t.match(said(await act(where, running.id, 'cancel')), { status: 'running' }, 'said twice');
  t.match(said(await work(where, running.id, 'progress', holder)), { cancel: true });
  t.match(said(await work(where, running.id, 'release', { ...holder, progress: 3 })), { status: 'cancelled' });
  t.match(await job(where, running.id), { status: 'cancelled', progress: 3 });
  t.equal(said(await act(where, running.id, 'retry')), '409 illegal_transition');

  await claim(where, orphan.id);
  await act(where, orphan.id, 'cancel');
  await passLease(plane, orphan.id);
  await plane.runner().runDue();
  t.match(await job(where, orphan.id), { status: 'cancelled' });
  t.same(await told(orphan.id), ['queued', 'started', 'cancelled']);
});

t.test('failures: later, each time after longer; given up after five; by hand from where it was', async (t) => {
  const where = newPlace();
  const { id } = await request(where);
  for (let n = 1; n <= 5; n += 1) {
    const { holder } = await claim(where, id);
    t.match(holder, { attempt: n });
    await work(where, id, 'progress', { ...holder, progress: n, cursor: `c${n}` });
    const answer = said(await work(where, id, 'fail', { ...holder, ...failed(true) }));
    t.match(answer, { status: n < 5 ? 'queued' : 'failed' });
    if (n === 5) break;
    t.match(await claim(where, id), { refused: 'later' }, 'not yet');
    // As it was said, which was in the transaction of `updated_at`, and as it is.
    const [row] = await sql<{ said: number; left: number }>(
      `select round(extract(epoch from run_after - updated_at), 2)::float8 as said,
         round(extract(epoch from run_after - now()), 2)::float8 as left from erp_jobs where id = $1`,
      [id],
    );
    const step = 10 * 2 ** (n - 1);
    t.ok(row && row.said >= step / 2 && row.left <= step, `${row?.said} s after ${n}`);
    await passWait(plane, id);
    await plane.runner().runDue();
  }
  t.match(await job(where, id), { status: 'failed', error: { code: 'dependency_unavailable' }, progress: 5 });
  t.match(said(await act(where, id, 'retry')), { status: 'queued', error: null, finished_at: null, expires_at: null });
  const { holder, job: again } = await claim(where, id);
  t.match(again, { attempt: 6, cursor: 'c5', progress: 5 });
  t.match(said(await work(where, id, 'fail', { ...holder, ...failed(true) })), { status: 'queued' }, 'counted anew');
  await passWait(plane, id);
  const last = await claim(where, id);
  t.match(said(await work(where, id, 'fail', { ...last.holder, ...failed(false) })), { status: 'failed' });
});

t.test('a job that is the end of its workers is given up after five', async (t) => {
  const where = newPlace();
  const { id } = await request(where);
  for (let n = 1; n <= 5; n += 1) {
    t.match(await claim(where, id), { job: { attempt: n } });
    await passLease(plane, id);
    await plane.runner().runDue();
  }
  t.match(await job(where, id), { status: 'failed', error: { code: 'worker_lost' } });
});

t.test('given back by a worker that stops: at once another’s, from where it was, and no failure', async (t) => {
  const where = newPlace();
  const { id } = await request(where);
  for (let n = 1; n <= 7; n += 1) {
    const { holder, job: claimed } = await claim(where, id);
    t.match(claimed, { attempt: n, progress: n - 1, cursor: n === 1 ? null : `c${n - 1}` });
    const told = { progress: n, cursor: `c${n}` };
    t.match(said(await work(where, id, 'release', { ...holder, ...told })), { status: 'queued' });
  }
  t.match(await job(where, id), { error: null, attempts: 7 });
});

t.test('one tenant’s many jobs leave room for another’s, over all of its organizations', async (t) => {
  const [busy, small] = [newPlace(), newPlace()];
  const sister = { ...busy, organizationId: busy.tenant.organizationIds[1] };
  const many = [];
  for (let n = 0; n < 50; n += 1) many.push(await request(n % 2 === 0 ? busy : sister));
  const other = await request(small);
  const whereOf = (n: number) => (n % 2 === 0 ? busy : sister);
  const outcomes = await Promise.all(many.map(({ id }, n) => claim(whereOf(n), id)));
  const running = outcomes.flatMap((outcome, n) => (outcome.job ? [{ n, holder: outcome.holder }] : []));
  t.equal(running.length, 2, 'at most two, also when all ask at once');
  t.match(
    outcomes.find((outcome) => outcome.job === null),
    { refused: 'tenant_share' },
  );
  t.match(await claim(small, other.id), { job: { attempt: 1 } });
  const [first] = running;
  if (!first) throw new Error('two run');
  await work(whereOf(first.n), many[first.n]?.id ?? '', 'complete', { ...first.holder, ...done });
  await plane.runner().runDue();
  const [called] = await sql<{ id: string }>(
    `select payload ->> 'job_id' as id from outbox_events where tenant_id = $1 order by seq desc limit 1`,
    [busy.tenant.id],
  );
  const n = many.findIndex(({ id }) => id === called?.id);
  t.match(await claim(whereOf(n), called?.id ?? ''), { job: { attempt: 1 } });
});

t.test('a hundred open jobs are enough', async (t) => {
  const where = newPlace();
  for (let n = 0; n < 99; n += 1) await request(where);
  const both = await Promise.allSettled([request(where), request(where)]);
  t.same(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  await t.rejects(request(where), { code: 'busy' });
  const made = await request(where, { result: exported });
  t.match(await job(where, made.id), { status: 'succeeded', result: exported }, 'what is there already takes no place');
  t.same(await told(made.id), ['succeeded']);
});

t.test('an event that comes twice asks for one job, and has one effect', async (t) => {
  const where = newPlace();
  const eventId = uuidv7();
  const asked = await Promise.all([1, 2, 3].map(() => request(where, { kind: 'repricing', eventId })));
  t.equal(new Set(asked.map(({ id }) => id)).size, 1);
  t.equal(asked.filter(({ isNew }) => isNew).length, 1);
  const entry = { tenantId: where.tenant.id, consumer: 'test', eventId };
  const db = plane.db(where);
  t.same(
    (await Promise.all([1, 2, 3].map(() => db.transaction((tx) => firstTime(tx, entry))))).filter(Boolean).length,
    1,
  );
  await t.rejects(
    db.transaction(async (tx) => {
      await firstTime(tx, { ...entry, consumer: 'other' });
      throw new Error('the effect failed');
    }),
  );
  t.equal(await db.transaction((tx) => firstTime(tx, { ...entry, consumer: 'other' })), true, 'nothing was done yet');
});

t.test('another tenant’s, organization’s or workspace’s job is not there', async (t) => {
  const [own, foreign] = [newPlace(), newPlace()];
  const [first, second] = own.tenant.workspaceIds;
  const { id } = await request({ ...own, workspaceId: first });
  const strangers: Record<string, Where> = {
    tenant: foreign,
    organization: { ...own, organizationId: own.tenant.organizationIds[1] },
    workspace: { ...own, workspaceId: second },
  };
  const holder = { owner: uuidv7(), attempt: 1 };
  const steps: [Step, object][] = [
    ['claim', { owner: holder.owner }],
    ['progress', holder],
    ['complete', { ...holder, ...done }],
    ['fail', { ...holder, ...failed(true) }],
    ['release', holder],
  ];
  for (const [name, where] of Object.entries(strangers)) {
    for (const [step, body] of steps) {
      t.equal(said(await work(where, id, step, body)), '404 not_found', `${name}: ${step}`);
    }
    for (const action of ['cancel', 'retry'] as const) {
      t.equal(said(await act(where, id, action)), '404 not_found', `${name}: ${action}`);
    }
    t.match(await job(where, id), { code: 'not_found' });
  }
  t.match(await job({ ...own, workspaceId: first }, id), { status: 'queued', version: 1 });
  // A job of the whole organization is seen in a workspace, and not changed from there.
  const shared = await request(own);
  t.match(await job({ ...own, workspaceId: first }, shared.id), { id: shared.id });
  t.equal(said(await act({ ...own, workspaceId: first }, shared.id, 'cancel')), '404 not_found');
});

t.test('two instances do each thing that is due once', async (t) => {
  const places = Array.from({ length: 12 }, newPlace);
  const ids: string[] = [];
  for (const where of places) {
    const { id } = await request(where);
    await claim(where, id);
    await passLease(plane, id);
    ids.push(id);
  }
  const counts = await Promise.all([plane.runner().runDue(), plane.runner().runDue()]);
  for (const id of ids) t.same(await told(id), ['queued', 'started', 'queued']);
  t.comment(`measured: the instances did, of 12 entries and what else was due, ${counts.join(' and ')}`);
});

t.test('after its time a job goes with its files and parts; what others refer to stays', async (t) => {
  const where = newPlace();
  const { tenant } = where;
  const [organizationId] = tenant.organizationIds;
  const hash = 'a'.repeat(64);
  const newFile = async (jobId: string) => {
    const id = uuidv7();
    const key = `${tenant.id}/${organizationId}/${id}`;
    await plane.storage.put(key, Readable.from(['bytes']), 'text/csv');
    await sql(
      `insert into erp_files (tenant_id, organization_id, id, storage_key, file_name, media_type, byte_size, sha256,
         owner_kind, owner_id, uploaded_by) values ($1, $2, $3, $4, 'a.csv', 'text/csv', 5, $5, 'job', $6, $3)`,
      [tenant.id, organizationId, id, key, hash, jobId],
    );
    return { id, key };
  };
  const finish = async (contentHash?: string, fileId?: string) => {
    const { id } = await request(where, contentHash === undefined ? {} : { contentHash });
    const file = fileId === undefined ? await newFile(id) : { id: fileId, key: '' };
    const { holder } = await claim(where, id);
    await work(where, id, 'complete', { ...holder, result: { ...exported, file_id: file.id } });
    return { id, file };
  };
  const plain = await finish();
  const part = `${tenant.id}/${organizationId}/${uuidv7()}`;
  await plane.storage.put(part, Readable.from(['part']), 'text/csv');
  await sql(
    `insert into erp_job_parts (tenant_id, organization_id, job_id, part, storage_key, byte_size, row_count)
     values ($1, $2, $3, 0, $4, 4, 1)`,
    [tenant.id, organizationId, plain.id, part],
  );
  const made = await finish(hash);
  const cached = await finish(hash, made.file.id);
  const young = await finish();
  await plane.runner().runDue();
  t.match(await job(where, plain.id), { status: 'succeeded' }, 'not yet');
  for (const { id } of [plain, made]) {
    await sql(
      `with job as (update erp_jobs set expires_at = now() - interval '1 s' where id = $1)
       update due_work set due_at = now() - interval '1 s' where ref_id = $1`,
      [id],
    );
  }
  await Promise.all([plane.runner().runDue(), plane.runner().runDue()]);
  t.match(await job(where, plain.id), { code: 'not_found' });
  t.match(await job(where, young.id), { status: 'succeeded' });
  for (const key of [plain.file.key, part]) t.equal(await plane.storage.stat(key), undefined);
  for (const key of [made.file.key, young.file.key]) t.match(await plane.storage.stat(key), { byteSize: 5 });
  t.match(await sql('select owner_id from erp_files where id = $1', [made.file.id]), [{ owner_id: cached.id }]);
  t.same(await sql('select 1 from due_work where ref_id = any($1)', [[plain.id, made.id]]), []);
});
