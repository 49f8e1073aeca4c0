import { Agent } from 'node:http';
import { call, jsonHeaders, plainHeaders } from '../environment/http.js';
import { cookieOf, signIn, signInRequest } from '../environment/sign-in.js';
import { ratios, spreadOf } from '../measure/statistics.js';
import { costOf, microsOf, startTaskRunner, type TaskCost, totalOf } from '../measure/task.js';
import type { Result, Row, RowContext } from './row.js';
import { controlPlane } from './services.js';

export const host = 'acme.localhost';
/** Twice what the password pool works on at once, well below its queue. */
export const signInsAtOnce = 4;
export const chains = 16;

export async function prepare(context: RowContext) {
  const platform = await context.platform();
  const control = await controlPlane(platform);
  return { platform, pids: { node: control.pid, postgres: platform.postgresPid } };
}

function resultOf(
  own: readonly TaskCost[],
  baseline: readonly TaskCost[],
  limits: { must: number; goal: number },
): Result {
  return {
    label: 'control plane',
    unit: 'R',
    value: spreadOf(ratios(own.map(totalOf), baseline.map(totalOf))),
    ...limits,
    detail: `${microsOf(own)}; baseline ${microsOf(baseline)}`,
  };
}

export const login: Row = {
  name: 'login',
  title: 'Sign-in over HTTP, against the argon2id check alone',
  needsCpu: true,
  async run(context) {
    const { platform, pids } = await prepare(context);
    const runner = startTaskRunner();
    try {
      const amount = Math.max(20, Math.round(100 * context.effort.scale));
      const own: TaskCost[] = [];
      const baseline: TaskCost[] = [];
      const order = { task: 'argon2', setup: {}, amount, concurrency: signInsAtOnce };
      for (let round = -1; round < context.effort.rounds; round += 1) {
        const alone = await costOf({ node: runner.pid, postgres: null }, amount, () => runner.run(order));
        const whole = await costOf(pids, amount, () =>
          context.load.run({
            url: platform.urls.control,
            connections: signInsAtOnce,
            amount,
            headers: jsonHeaders(host),
            requests: [signInRequest('sales@acme.test')],
          }),
        );
        if (round < 0) continue;
        baseline.push(alone);
        own.push(whole);
      }
      return [resultOf(own, baseline, { must: 1.3, goal: 1.1 })];
    } finally {
      await runner.stop();
    }
  },
};

export const refresh: Row = {
  name: 'refresh',
  title: 'Refresh with rotation over HTTP, against one RS256 signature and one row written',
  needsCpu: true,
  async run(context) {
    const { platform, pids } = await prepare(context);
    const runner = startTaskRunner();
    const agent = new Agent({ keepAlive: true, maxSockets: chains });
    try {
      const tokens = await Promise.all(
        Array.from(
          { length: chains },
          async () => (await signIn(platform.urls.control, host, 'sales@acme.test')).refreshToken,
        ),
      );
      const each = Math.max(10, Math.round(100 * context.effort.scale));
      const amount = each * chains;
      const setup = { plainUrl: platform.superuserUrl('control') };
      const order = { task: 'sign and write', setup, amount, concurrency: chains };
      const own: TaskCost[] = [];
      const baseline: TaskCost[] = [];
      for (let round = -1; round < context.effort.rounds; round += 1) {
        const alone = await costOf({ ...pids, node: runner.pid }, amount, () => runner.run(order));
        const whole = await costOf(pids, amount, () =>
          Promise.all(tokens.map((_, chain) => refreshChain(platform.urls.control, agent, tokens, chain, each))),
        );
        if (round < 0) continue;
        baseline.push(alone);
        own.push(whole);
      }
      return [resultOf(own, baseline, { must: 1.5, goal: 1.2 })];
    } finally {
      agent.destroy();
      await runner.stop();
    }
  },
};

/** Each refresh uses the token that the one before gave. */
export async function refreshChain(
  url: string,
  agent: Agent,
  tokens: string[],
  chain: number,
  times: number,
): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const reply = await call(`${url}/api/auth/refresh`, {
      method: 'POST',
      agent,
      headers: {
        ...plainHeaders(host),
        cookie: `platen_rt=${tokens[chain]}`,
        origin: `http://${host}`,
      },
    });
    if (reply.status !== 200) throw new Error(`a refresh was answered with ${reply.status}: ${reply.body}`);
    tokens[chain] = cookieOf(reply, 'platen_rt');
  }
}
