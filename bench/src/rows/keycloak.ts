import { Agent } from 'node:http';
import { jsonHeaders } from '../environment/http.js';
import { signIn, signInRequest } from '../environment/sign-in.js';
import { childrenOf, cpuOfTree, residentMb } from '../measure/cpu.js';
import { ratios, spreadOf } from '../measure/statistics.js';
import { type TaskCost, totalOf } from '../measure/task.js';
import { type Keycloak, keycloakUsers, startKeycloak } from '../peers/keycloak.js';
import { installKeycloak, keycloakVersion } from '../peers/keycloak-install.js';
import type { Result, Row, RowContext } from './row.js';
import { chains, host, prepare, refreshChain, signInsAtOnce } from './sign-in.js';

let folder = '';
/** The compiler of the JVM is done with what a refresh runs after some thousand of them. */
const warmUpRefreshes = 4_000;

export const keycloak: Row = {
  name: 'keycloak',
  title: `Refresh with rotation, and sign-in, against Keycloak ${keycloakVersion} on the same Postgres server`,
  needsCpu: true,
  unavailable() {
    const found = installKeycloak();
    if ('missing' in found) return found.missing;
    folder = found.folder;
    return null;
  },
  async run(context) {
    const { platform, pids } = await prepare(context);
    const peer = await startKeycloak(folder, platform);
    const agent = new Agent({ keepAlive: true, maxSockets: chains });
    try {
      const refresh = await compareRefresh(context, peer, agent, pids);
      const login = await compareSignIn(context, peer, pids);
      const idle = childrenOf(peer.pid).map((pid) => residentMb(pid) ?? 0);
      const start = `Keycloak started in ${peer.startSeconds.toFixed(0)} s, resident ${Math.max(0, ...idle).toFixed(0)} MB`;
      return [
        { ...refresh, must: 0.333, goal: 0.25, detail: `${refresh.detail}; ${start}` },
        { ...login, detail: `${login.detail}; argon2id 19 MiB × 2 here, 7 MiB × 5 there` },
      ];
    } finally {
      agent.destroy();
      await peer.stop();
    }
  },
};

type Pids = Awaited<ReturnType<typeof prepare>>['pids'];

async function compareRefresh(context: RowContext, peer: Keycloak, agent: Agent, pids: Pids) {
  const { urls } = await context.platform();
  const ours = await Promise.all(
    Array.from({ length: chains }, async () => (await signIn(urls.control, host, 'sales@acme.test')).refreshToken),
  );
  const theirs = await Promise.all(keycloakUsers.map((user) => peer.signIn(user)));
  const refreshTheirs = (each: number) =>
    Promise.all(
      theirs.map(async (_, chain) => {
        for (let n = 0; n < each; n += 1) theirs[chain] = await peer.refresh(theirs[chain] as string);
      }),
    );
  const scaled = (amount: number) => Math.max(10, Math.round(amount * context.effort.scale));
  await refreshTheirs(scaled(warmUpRefreshes / theirs.length));
  const each = scaled(60);
  return alternate('refresh, control plane', context, each * chains, peer, pids, {
    ours: () => Promise.all(ours.map((_, chain) => refreshChain(urls.control, agent, ours, chain, each))),
    theirs: () => refreshTheirs(each),
  });
}

async function compareSignIn(context: RowContext, peer: Keycloak, pids: Pids) {
  const { urls } = await context.platform();
  const each = Math.max(5, Math.round(20 * context.effort.scale));
  return alternate('sign-in, control plane', context, each * signInsAtOnce, peer, pids, {
    ours: () =>
      context.load.run({
        url: urls.control,
        connections: signInsAtOnce,
        amount: each * signInsAtOnce,
        headers: jsonHeaders(host),
        requests: [signInRequest('sales@acme.test')],
      }),
    theirs: () =>
      Promise.all(
        keycloakUsers.slice(0, signInsAtOnce).map(async (user) => {
          for (let n = 0; n < each; n += 1) await peer.signIn(user);
        }),
      ),
  });
}

/** One side after the other in each round. The control plane's process and its Postgres, or Keycloak's tree and the same Postgres. */
async function alternate(
  label: string,
  { effort }: RowContext,
  amount: number,
  peer: Keycloak,
  pids: Pids,
  sides: { ours: () => Promise<unknown>; theirs: () => Promise<unknown> },
): Promise<Result> {
  const own: TaskCost[] = [];
  const others: TaskCost[] = [];
  const costOf = async (pid: number, work: () => Promise<unknown>): Promise<TaskCost> => {
    const before = [cpuOfTree(pid), cpuOfTree(pids.postgres)] as const;
    await work();
    return {
      nodeMicros: ((cpuOfTree(pid) - before[0]) * 1000) / amount,
      postgresMicros: ((cpuOfTree(pids.postgres) - before[1]) * 1000) / amount,
    };
  };
  for (let round = -1; round < effort.rounds; round += 1) {
    const our = await costOf(pids.node, sides.ours);
    const their = await costOf(peer.pid, sides.theirs);
    if (round < 0) continue;
    own.push(our);
    others.push(their);
  }
  const parts = (costs: readonly TaskCost[]) =>
    (['nodeMicros', 'postgresMicros'] as const)
      .map((key) => (spreadOf(costs.map((cost) => cost[key])).median / 1000).toFixed(2))
      .join(' + ');
  return {
    label,
    unit: 'R',
    value: spreadOf(ratios(own.map(totalOf), others.map(totalOf))),
    detail: `${parts(own)} ms Node + PG; Keycloak ${parts(others)} ms Java + PG`,
  };
}
