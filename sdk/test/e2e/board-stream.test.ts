import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { until } from '@platen/chassis/testkit/until';
import { dataContracts } from '@platen/schema/contracts/data/index';
import { type Answer, type Client, createClient, PlatenError } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import t from 'tap';
import { correlationId } from './http.js';
import { runningMs } from './measure.js';
import { fileTimeoutMs } from './platform.js';
import { seededRandom } from './random.js';
import { sharedPlatform } from './shared-platform.js';
import { bearer, signIn } from './sign-in.js';
import { victimOf } from './victim.js';
import { acme, acmePrint, allPermissions, createWorld, signOut } from './world.js';

// The board's stream over real processes: who follows it sees what the board is, whatever happens on the way.
const platform = await sharedPlatform(t, 'planes');
const { ports } = platform;
const world = await createWorld(platform, ports.data);
const path = '/api/erp/production/board/events';
const url = (port: number) => `http://acme.localhost:${port}`;
const transport = createNodeTransport({ maxSockets: 512 });
t.teardown(() => transport.close());

type Board = Answer<Client['erp']['production']['board']['get']>;
type BoardEvent =
  ReturnType<Client['erp']['production']['board']['events']> extends AsyncGenerator<infer E, void> ? E : never;

/** A person of the same rights as everybody here, with limits of their own. */
function person(): { readonly client: Client; readonly token: string } {
  const token = world.forger.sign({ ...world.user, sub: randomUUID(), sid: randomUUID(), prm: allPermissions });
  const client = createClient({
    controlUrl: url(ports.control),
    dataUrl: url(ports.data),
    transport,
    token: () => token,
    // Fifty at once, on a slow machine, wait longer for their turn than a client would.
    deadlineMs: fileTimeoutMs,
    maxTries: 1_000,
  });
  return { client, token };
}

/** Cards of lines without artwork, for nothing to be in their way. */
async function makeJobs(count: number): Promise<string[]> {
  const { products, variants, customers, orders, production } = dataContracts.erp;
  const victim = victimOf(world, platform);
  const code = () => `t-${randomUUID().slice(0, 13)}`;
  const base_price = { amount: '9.50', currency: 'EUR' };
  const product = await victim.call(products.create, {
    body: { code: code(), name: 'Streamed shirt', status: 'active', kind: 'blank', base_price },
  });
  const variant = await victim.call(variants.create, {
    params: { id: product.id },
    body: { sku: code(), option_values: { size: 'm' } },
  });
  const customer = await victim.call(customers.create, { body: { code: code(), name: 'Follower', currency: 'EUR' } });
  const line = { product_id: product.id, sizes: [{ variant_id: variant.id, quantity: 6 }] };
  const lines = Array.from({ length: count }, () => line);
  const order = await victim.call(orders.create, { body: { customer_id: customer.id, lines } });
  await victim.call(orders.confirm, { params: { id: order.id } });
  return (await victim.call(production.jobs.create, { body: { order_id: order.id } })).items.map(({ id }) => id);
}

/** Stages without a limit and without artwork, so that every move is one. */
async function makeStages(count: number): Promise<string[]> {
  const victim = victimOf(world, platform);
  const made: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const code = `s-${randomUUID().slice(0, 13)}`;
    const body = { code, name: 'Streamed stage', position: 900 + n };
    made.push((await victim.call(dataContracts.erp.production.stages.create, { body })).id);
  }
  return made;
}

interface Card {
  readonly version: number;
  readonly stage_id: string;
  readonly rank: string;
}

/** What a screen does: the board once, then what the stream says of it. */
class Screen {
  readonly cards = new Map<string, Card>();
  readonly ids: string[] = [];
  position: string;

  constructor({ stages, position }: Board) {
    this.position = position;
    for (const { cards } of stages) {
      for (const { id, version, stage_id, rank } of cards) if (rank) this.cards.set(id, { version, stage_id, rank });
    }
  }

  apply({ type, id, data: job }: BoardEvent): void {
    this.ids.push(id);
    if (type === 'reset') throw new Error('Nothing was lost here');
    if (type === 'erp.order.blanks_changed') return;
    if (type === 'erp.production_job.ranks_renewed') {
      for (const renewed of job.jobs) {
        const card = this.cards.get(renewed.job_id);
        if (card && card.version < renewed.version) this.cards.set(renewed.job_id, { ...card, ...pick(renewed) });
      }
      return;
    }
    if ((this.cards.get(job.job_id)?.version ?? 0) >= job.version) return;
    const { version, stage_id, rank } = job;
    if (rank === null) this.cards.delete(job.job_id);
    else this.cards.set(job.job_id, { version, stage_id, rank });
  }

  shown(): string {
    return JSON.stringify(
      [...this.cards].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, c]) => [id, c.version, c.stage_id, c.rank]),
    );
  }
}
const pick = ({ version, rank }: { version: number; rank: string }) => ({ version, rank });

/** The last change of all, which every stream waits for. */
const isNoteOf = (jobId: string, note: number) => (event: BoardEvent) =>
  event.type === 'erp.production_job.changed' && event.data.job_id === jobId && event.data.version >= note;

t.test('fifty move cards at once, fifty follow: every screen ends as the board is', async (t) => {
  const [jobs, stages] = await Promise.all([makeJobs(24), makeStages(4)]);
  const random = seededRandom(t);
  const of = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T; // never empty here
  const marker = jobs[0] ?? '';
  let isOver: (event: BoardEvent) => boolean = () => false;
  const movedAt = new Map<string, number>();
  const latencies: number[] = [];
  const open = async () => {
    const { client } = person();
    return { client, screen: new Screen(await client.erp.production.board.get()) };
  };
  const follow = async (opened: ReturnType<typeof open>): Promise<Screen> => {
    const { client, screen } = await opened;
    for await (const event of client.erp.production.board.events({ last_event_id: screen.position })) {
      screen.apply(event);
      const at = event.type === 'erp.production_job.moved' && movedAt.get(`${event.data.job_id} ${event.data.version}`);
      if (at) latencies.push(performance.now() - at);
      if (isOver(event)) break;
    }
    return screen;
  };
  const opened = Array.from({ length: 50 }, open);
  const screens = opened.map(follow);
  const refused = new Map<string, number>();
  let moved = 0;
  const startedMs = performance.now();
  const move = async () => {
    const { client } = person();
    for (let n = 0; n < 6; n += 1) {
      const id = of(jobs);
      const neighbour = of(jobs);
      const place = random() < 0.5 || neighbour === id ? {} : { after_id: neighbour };
      try {
        const { card } = await client.erp.production.jobs.move({ id, stage_id: of(stages), ...place });
        movedAt.set(`${card.id} ${card.version}`, performance.now());
        moved += 1;
      } catch (error) {
        // The neighbour is in another stage by now: as it should be.
        if (!(error instanceof PlatenError) || error.status >= 500) throw error;
        refused.set(error.code, (refused.get(error.code) ?? 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: 50 }, move));
  const tookMs = performance.now() - startedMs;
  // Who first sees the board after the last change would wait for it for ever.
  await Promise.all(opened);
  const { client } = person();
  const { version } = await client.erp.production.jobs.get({ id: marker });
  isOver = isNoteOf(marker, version + 1);
  await client.erp.production.jobs.update({ id: marker, priority: 'urgent' });
  const ended = await Promise.all(screens);
  const last = new Screen(await client.erp.production.board.get());
  for (const screen of ended) t.equal(screen.shown(), last.shown());
  const ranks = [...last.cards.values()].map(({ stage_id, rank }) => `${stage_id} ${rank}`);
  t.equal(new Set(ranks).size, ranks.length, 'no two cards have one place');
  // Ids tell nothing of their order; whoever was first to follow has all of them.
  const [first] = ended.toSorted((a, b) => b.ids.length - a.ids.length);
  t.equal(new Set(first?.ids).size, first?.ids.length, 'none twice');
  for (const { ids } of ended) t.same(ids, ids.length === 0 ? [] : first?.ids.slice(-ids.length), 'in the same order');
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)]?.toFixed(0);
  t.comment(
    `measured: ${moved} moves by 50 people in ${tookMs.toFixed(0)} ms (refused: ${JSON.stringify([...refused])}); answer of the move to the event at 50 followers in one process: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  );
});

t.test(
  'a data plane killed and started again under an open stream: nothing is lost, nothing comes twice',
  async (t) => {
    const [[job = ''], [one = '', two = '']] = await Promise.all([makeJobs(1), makeStages(2)]);
    const { client } = person();
    const board = new Screen(await client.erp.production.board.get());
    const events = client.erp.production.board.events({ last_event_id: board.position });
    const versions: number[] = [];
    const move = async (n: number) =>
      (await client.erp.production.jobs.move({ id: job, stage_id: n % 2 ? one : two })).card.version;
    const until = async (version: number) => {
      while (versions.at(-1) !== version) {
        const { value } = await events.next();
        if (!value) throw new Error('The stream ended');
        if (value.type === 'erp.production_job.moved' && value.data.job_id === job) versions.push(value.data.version);
      }
    };
    let last = 0;
    for (let n = 0; n < 3; n += 1) last = await move(n);
    await until(last);
    for (let round = 0; round < 2; round += 1) {
      for (let n = 3; n < 9; n += 1) last = await move(n);
      // What was just answered may not have been told yet.
      await (round === 0 ? platform.kill('data-plane') : platform.stop('data-plane'));
      await platform.start('data-plane');
      for (let n = 9; n < 12; n += 1) last = await move(n);
      await until(last);
    }
    t.same(
      versions,
      versions.map((_, n) => (versions[0] ?? 0) + n),
      'each version once, in order',
    );
    await events.return();
  },
);

async function openRaw(token: string, id = correlationId()): Promise<IncomingMessage> {
  const asked = request({
    host: '127.0.0.1',
    port: ports.data,
    path,
    headers: { host: `acme.localhost:${ports.data}`, 'x-correlation-id': id, ...bearer(token) },
  });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  return answer;
}

t.test('a sign-out ends the stream within a second', async (t) => {
  const times: number[] = [];
  for (let n = 0; n < 8; n += 1) {
    const { access, refresh } = await signIn(platform, 'admin@acme.test');
    const answer = await openRaw(access);
    t.equal(answer.statusCode, 200);
    answer.resume();
    const ended = once(answer, 'close');
    await signOut(platform, access, refresh);
    const signedOutMs = runningMs();
    await ended;
    times.push(runningMs() - signedOutMs);
  }
  const most = Math.max(...times);
  t.comment(`measured: sign-out to the end of the stream: at most ${most.toFixed(0)} ms of ${times.length}`);
  t.ok(most < 1_000, 'the promise of one second');
});

/** Larger than any real one: the system's buffers have to be filled first. */
const insertLargeEvent = (text: string) =>
  asSuperuser(platform.databases['erp-1'].superuserUrl, (client) =>
    client.query(
      `insert into outbox_events (tenant_id, id, organization_id, topic, key, type, payload, correlation_id)
       values ($1::uuid, $2::uuid, $3, 'erp.order', $1::text || ':' || $2::text, 'erp.order.blanks_changed', $4, 'acceptance')`,
      [acme.id, randomUUID(), acmePrint.id, { order_id: randomUUID(), lines: [], text }],
    ),
  );

t.test('a reader that takes nothing is cut off, with its line in the log; the others go on', async (t) => {
  const id = correlationId();
  const lines = () =>
    platform
      .logLines('data-plane')
      .filter((line) => line.includes(`"${id}"`) && line.includes(path) && line.includes('"request"')).length;
  const slow = await openRaw(person().token, id);
  slow.pause();
  const good = await openRaw(person().token);
  let bytes = 0;
  good.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  const text = 'x'.repeat(400_000);
  let written = 0;
  while (lines() === 0) {
    await insertLargeEvent(text);
    written += text.length;
    const wanted = written;
    await until(
      async () => bytes,
      (seen) => seen >= wanted,
    );
  }
  t.equal(lines(), 1);
  t.notOk(good.destroyed);
  t.comment(`measured: cut after ${(written / 1e6).toFixed(0)} MB, most of them in the system's buffers`);
  good.destroy();
  slow.destroy();
});
