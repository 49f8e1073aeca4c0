/** Holds as many connections open as it is told to, each of which sends a byte a second, and opens another for each that is cut. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { obey } from '../../measure/obey.js';

export interface SlowSocketsOrder {
  readonly port: number;
  readonly sockets: number;
  readonly seconds: number;
  /** What a connection sends at once, and then byte by byte for ever; in turns. */
  readonly kinds: readonly { readonly kind: string; readonly head: string; readonly slowly: string }[];
}

export interface SlowSocketsAnswers {
  /** How long those lived that were cut, and those that stood in the end, by kind. */
  readonly livedMs: Record<string, number[]>;
  readonly standing: Record<string, number[]>;
}

const byteEveryMs = 1_000;
obey<SlowSocketsOrder>(hold);

async function hold({ port, sockets, seconds, kinds }: SlowSocketsOrder): Promise<SlowSocketsAnswers> {
  const livedMs: Record<string, number[]> = {};
  const standing: Record<string, number[]> = {};
  const beganAtMs = performance.now();
  /** Until its turn in the second comes again. */
  const turnInMs = (n: number): number => {
    const sinceTurnMs = performance.now() - beganAtMs - (n / sockets) * byteEveryMs;
    return sinceTurnMs < 0 ? -sinceTurnMs : byteEveryMs - (sinceTurnMs % byteEveryMs);
  };
  const open = new Map<() => void, { readonly kind: string; readonly sinceMs: number }>();
  let isOver = false;
  const start = (n: number): void => {
    const { kind, head, slowly } = kinds[n % kinds.length] as SlowSocketsOrder['kinds'][number];
    const socket = connect(port, '127.0.0.1');
    const sinceMs = performance.now();
    let at = 0;
    socket.once('connect', () => socket.write(head));
    const timer = setInterval(() => {
      if (!socket.writable) return;
      socket.write(slowly[at % slowly.length] ?? '');
      at += 1;
    }, byteEveryMs);
    const end = () => socket.destroy();
    open.set(end, { kind, sinceMs });
    socket.resume();
    socket.on('error', () => {});
    // Who is told to go may close first: it is what a server that waits for no goodbye does by itself.
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      clearInterval(timer);
      open.delete(end);
      if (isOver) return;
      livedMs[kind] = [...(livedMs[kind] ?? []), performance.now() - sinceMs];
      startInTurn(n);
    });
  };
  // Clients of slow networks know nothing of each other, so each has its own turn in the second in which it comes, sends its byte
  // and comes again. All in one millisecond, others would wait for what it takes to accept 500 connections at once: another fault.
  const startInTurn = (n: number): void => {
    setTimeout(() => {
      if (!isOver) start(n);
    }, turnInMs(n));
  };
  for (let n = 0; n < sockets; n += 1) startInTurn(n);
  await delay(seconds * 1_000);
  isOver = true;
  for (const [end, { kind, sinceMs }] of open) {
    standing[kind] = [...(standing[kind] ?? []), performance.now() - sinceMs];
    end();
  }
  return { livedMs, standing };
}
