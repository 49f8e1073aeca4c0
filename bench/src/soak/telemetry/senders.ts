import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { giveWay } from '../../measure/give-way.js';
import { stopChild } from '../../measure/load.js';
import type { FromSender, Lane, SentLane, ToSender } from './lane.js';
import type { TelemetryStage } from './stage.js';

export interface Senders {
  /** What was acknowledged so far. */
  count(): Promise<{ readonly readings: number; readonly requests: number }>;
  /** Sends nothing new; resolves when the last is acknowledged. */
  end(): Promise<readonly SentLane[]>;
}

/** Tokens last fifteen minutes. */
const renewMs = 8 * 60_000;

export async function startSenders(stage: TelemetryStage, lanes: readonly Lane[]): Promise<Senders> {
  const child = fork(fileURLToPath(new URL('./sender.child.js', import.meta.url)), { detached: true });
  stage.onStop(() => stopChild(child));
  // They are other machines, whose work takes nothing from ours.
  giveWay(child.pid ?? 0);
  const tell = (message: ToSender) => child.send(message);
  const answer = <K extends FromSender['kind']>(kind: K): Promise<Extract<FromSender, { kind: K }>> =>
    new Promise((resolve, reject) => {
      const onExit = () => reject(new Error('the senders ended'));
      const onMessage = (message: FromSender) => {
        if (!isOf(message, kind)) return;
        child.off('message', onMessage).off('exit', onExit);
        resolve(message);
      };
      child.on('message', onMessage).once('exit', onExit);
    });
  const renew = async () => tell({ kind: 'tokens', tokens: await stage.signInAll() });
  await renew();
  const renewal = setInterval(() => {
    renew().catch((error: unknown) => process.stderr.write(`tokens could not be renewed: ${String(error)}\n`));
  }, renewMs).unref();
  tell({ kind: 'send', url: stage.platform.urls.data, lanes });
  const sent = answer('sent');
  return {
    async count() {
      const counted = answer('counted');
      tell({ kind: 'count' });
      return await counted;
    },
    async end() {
      clearInterval(renewal);
      tell({ kind: 'end' });
      const result = await sent;
      await stopChild(child);
      stage.sent.push(...result.lanes);
      return result.lanes;
    },
  };
}

const isOf = <K extends FromSender['kind']>(
  message: FromSender,
  kind: K,
): message is Extract<FromSender, { kind: K }> => message.kind === kind;
