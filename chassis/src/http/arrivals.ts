import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from './app-error.js';
import { Cuts } from './arrivals-cuts.js';

/** A slower upload is cut: 64 kbit/s. */
const minUploadBytesPerSecond = 8 * 1024;
/** Of the time for a body: what an upload that was too slow has left to read why, before its connection is closed. */
const lastWordsShare = 0.2;

interface Arrival {
  sinceMs: number;
  /** Of the connection, at `sinceMs`. */
  bytesThen: number;
  readonly response: ServerResponse;
  /** Set while somebody reads the body who wants to be told. */
  stop: ((reason: Error) => void) | null;
}

export interface Arrivals {
  /** This head is late: its connection is cut in its turn, unless the head is there before that. */
  isLate(socket: Socket, cut: () => void): void;
  /** This body is read before anybody answers: `stop` gets the reason when it does not keep flowing. */
  expects(raw: IncomingMessage, stop: (reason: Error) => void): void;
  /** This body may take as long as it needs while it keeps flowing; `stop` gets the reason when it does not. */
  streams(raw: IncomingMessage, stop: (reason: Error) => void): void;
}

/**
 * Watches the bodies of a server. Node has one time for all requests, which is too long for what is sent byte by byte
 * or too short for a file: here, an ordinary body must be there in whole within `bodyTimeoutMs`, and a streamed one
 * must have moved on by its least in each such time. Where we ourselves are behind with reading, nobody is cut.
 */
export function watchArrivals(
  server: Server,
  bodyTimeoutMs: number,
  checkEveryMs: number,
  cut: (arrival: { raw: IncomingMessage; response: ServerResponse }) => void,
  now: () => number = () => performance.now(),
): Arrivals {
  const arriving = new Map<IncomingMessage, Arrival>();
  const cuts = new Cuts();
  server.prependListener('request', (raw: IncomingMessage, response: ServerResponse) => {
    const { headers } = raw;
    cuts.spare(raw.socket);
    if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0') return;
    arriving.set(raw, { sinceMs: now(), bytesThen: raw.socket.bytesRead, response, stop: null });
    raw.once('close', () => arriving.delete(raw));
  });
  const check = (): void => {
    const nowMs = now();
    for (const [raw, arrival] of arriving) {
      if (raw.complete || raw.destroyed) arriving.delete(raw);
      else if (nowMs - arrival.sinceMs >= bodyTimeoutMs) judge(raw, arrival, nowMs);
    }
  };
  const judge = (raw: IncomingMessage, arrival: Arrival, nowMs: number): void => {
    const { response, stop, sinceMs, bytesThen } = arrival;
    if (stop === null) {
      cuts.add(raw.socket, () => {
        if (!raw.complete && !raw.destroyed) cut({ raw, response });
      });
      return;
    }
    const leastBytes = (minUploadBytesPerSecond * (nowMs - sinceMs)) / 1000;
    const isOurDelay = raw.readableLength > 0;
    arrival.sinceMs = nowMs;
    arrival.bytesThen = raw.socket.bytesRead;
    if (isOurDelay || raw.socket.bytesRead - bytesThen >= leastBytes) return;
    // From here on it is an ordinary body, whose time is nearly over.
    arrival.stop = null;
    arrival.sinceMs = nowMs - bodyTimeoutMs * (1 - lastWordsShare);
    stop(new AppError('request_timeout', 'The file arrives too slowly'));
  };
  let timer: NodeJS.Timeout | undefined;
  server.once('listening', () => {
    // Once what waits has been read: while this process stood still, nobody else was slow.
    timer = setInterval(() => setImmediate(check), checkEveryMs).unref();
  });
  server.once('close', () => clearInterval(timer));
  return {
    isLate: (socket, cut) => cuts.add(socket, cut),
    expects(raw, stop) {
      const arrival = arriving.get(raw);
      if (arrival !== undefined) arrival.stop = stop;
    },
    streams(raw, stop) {
      const arrival = arriving.get(raw);
      if (arrival === undefined) return;
      arrival.stop = stop;
      const end = (): void => {
        if (arrival.stop !== stop) return;
        arrival.stop = null;
        arrival.sinceMs = now();
      };
      arrival.response.once('finish', end).once('close', end);
    },
  };
}
