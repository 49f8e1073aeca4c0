import { cardsOnBoard, fillBoard, finishedJobs } from '../environment/board-data.js';
import { call } from '../environment/http.js';
import { signIn } from '../environment/sign-in.js';
import { compareOverHttp } from '../measure/compare.js';
import { percentile } from '../measure/statistics.js';
import { type Row, single } from './row.js';
import { dataPlane } from './services.js';

const host = 'acme.localhost';
const limitMs = 10;

export const board: Row = {
  name: 'board',
  title: `The production board with ${cardsOnBoard} jobs over HTTP, among ${finishedJobs} that are done`,
  needsCpu: true,
  async run(context) {
    const platform = await context.platform();
    const service = await dataPlane(platform);
    const { accessToken } = await signIn(platform.urls.control, host, 'sales@acme.test');
    const headers = { host, authorization: `Bearer ${accessToken}`, 'x-correlation-id': 'bench-0123456789' };
    const url = `${platform.urls.data}/api/erp/production/board`;
    // An organization without stages gets them by looking.
    await call(url, { headers });
    await fillBoard(platform.superuserUrl('erp-1'));
    const ask = async (): Promise<number> => {
      const startedAt = performance.now();
      const { status, body } = await call(url, { headers });
      const tookMs = performance.now() - startedAt;
      if (status !== 200) throw new Error(`${status} ${body}`);
      const cards = body.match(/"order_line_id"/g)?.length;
      if (cards !== cardsOnBoard) throw new Error(`${cards} cards on the board`);
      return tookMs;
    };
    const tookMs: number[] = [];
    for (let n = 0; n < 20; n += 1) await ask();
    for (let n = 0; n < Math.max(30, 100 * context.effort.scale); n += 1) tookMs.push(await ask());
    const [p50, p95] = [50, 95].map((share) => percentile(tookMs, share).toFixed(1));
    const requests = [{ method: 'GET' as const, path: '/api/erp/production/board' }];
    const [cost] = await compareOverHttp(
      [{ name: 'board', url: platform.urls.data, pid: service.pid, headers, requests }],
      {
        load: context.load,
        postgresPid: platform.postgresPid,
        rounds: context.effort.rounds,
        amount: Math.max(100, Math.round(400 * context.effort.scale)),
        connections: 4,
      },
    );
    if (!cost) throw new Error('one contender, one result');
    const { nodeMicros, postgresMicros } = cost;
    const serverMs = (node: number, postgres: number): number => (node + postgres) / 1_000;
    return [
      {
        label: 'server time',
        unit: 'ms',
        value: {
          median: serverMs(nodeMicros.median, postgresMicros.median),
          low: serverMs(nodeMicros.low, postgresMicros.low),
          high: serverMs(nodeMicros.high, postgresMicros.high),
        },
        must: limitMs,
        goal: limitMs / 2,
        detail: `${(nodeMicros.median / 1_000).toFixed(1)} Node + ${(postgresMicros.median / 1_000).toFixed(1)} PG`,
      },
      { label: 'one after another, with HTTP', unit: 'ms', value: single(Number(p50)), detail: `p95 ${p95} ms` },
    ];
  },
};
