import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { call, jsonHeaders } from '../environment/http.js';
import type { BenchPlatform } from '../environment/platform.js';
import { signIn } from '../environment/sign-in.js';
import type { Random } from './random.js';

const host = 'acme.localhost';
const writers = 16;
/** A token lasts for fifteen minutes. */
const renewMs = 8 * 60_000;

export interface Write {
  readonly number: number;
  readonly sentAtMs: number;
  readonly tookMs: number;
  /** 0: no answer came. */
  readonly status: number;
  readonly card: string;
  /** That the answer told; null: it was no 2xx. */
  readonly version: number | null;
}

export interface WriteOptions {
  readonly platform: BenchPlatform;
  readonly cards: readonly string[];
  readonly total: number;
  readonly perSecond: number;
  readonly random: Random;
  /** After `total`, for as long as this says so. */
  readonly goOn?: () => boolean;
  /** Picks the card of a write; by default any. */
  readonly pick?: (random: Random) => string | undefined;
}

export interface Writing {
  readonly writes: readonly Write[];
  /** Resolves when all are answered. */
  readonly done: Promise<void>;
}

/** Numbered notes on cards of the production board: each is an event of its card, in which the card's version counts. */
export async function startWriting(options: WriteOptions): Promise<Writing> {
  const { platform, cards, total, perSecond, random, goOn = () => false, pick } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: writers });
  const writes: Write[] = [];
  const newToken = async () => (await signIn(platform.urls.control, host, 'admin@acme.test')).accessToken;
  let token = await newToken();
  const renewal = setInterval(() => {
    newToken().then(
      (renewed) => {
        token = renewed;
      },
      (error: unknown) => process.stderr.write(`a token could not be renewed: ${String(error)}\n`),
    );
  }, renewMs).unref();
  const startedAtMs = performance.now();
  let next = 0;

  async function write(number: number): Promise<void> {
    const card = pick?.(random) ?? cards[random(cards.length)] ?? '';
    const sentAtMs = performance.now();
    const answer = await call(`${platform.urls.data}/api/erp/production/jobs/${card}`, {
      method: 'PATCH',
      headers: { ...jsonHeaders(host), authorization: `Bearer ${token}` },
      body: JSON.stringify({ note: `write ${number}` }),
      agent,
    }).catch(() => null);
    const status = answer?.status ?? 0;
    const version = answer && status < 300 ? Number(/"version":(\d+)/.exec(answer.body)?.[1]) : null;
    writes.push({ number, sentAtMs, tookMs: performance.now() - sentAtMs, status, card, version });
  }

  async function writer(): Promise<void> {
    while (next < total || goOn()) {
      const number = next;
      next += 1;
      const earlyMs = startedAtMs + (number * 1_000) / perSecond - performance.now();
      if (earlyMs > 0) await delay(earlyMs);
      await write(number);
    }
  }

  const done = Promise.all(Array.from({ length: writers }, writer)).then(() => {
    clearInterval(renewal);
    agent.destroy();
  });
  return { writes, done };
}
