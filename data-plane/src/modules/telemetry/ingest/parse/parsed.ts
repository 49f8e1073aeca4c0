import { AppError } from '@platen/chassis/http/app-error';
import { maxReadings, type RefusalReason } from '@platen/schema/contracts/data/telemetry-readings';

/** A reading as it was sent: what its device and metric are called is not looked up yet. */
export interface SentReading {
  /** Of the body, from 1; of a JSON body its place in `readings`. */
  readonly line: number;
  /** null: whoever sends it. */
  readonly device: string | null;
  readonly metric: string;
  /** Milliseconds since 1970; null: when it arrives. */
  readonly tsMs: number | null;
  readonly value: number;
}

export interface RefusedReading {
  readonly line: number;
  readonly reason: RefusalReason;
  /** What could be read of it. */
  readonly device: string | null;
  readonly metric: string | null;
  /** What is wrong with it, where the reason says too little. */
  readonly detail?: string;
  /** Of when it says to be, where that is the reason. */
  readonly tsMs?: number;
}

/** What a request holds. Each reading is in one of the lists. */
export interface Parsed {
  readonly readings: SentReading[];
  readonly refused: RefusedReading[];
}

/** A body while it arrives. */
export interface BodyParser {
  push(chunk: Buffer): void;
  /** @throws AppError malformed_body */
  end(): Parsed;
}

export const tooMany = (): AppError =>
  new AppError('body_too_large', `At most ${maxReadings} readings are taken at once`);

/** Collects, and ends a request that is too long to be stored at once: nothing of it is. */
export class Collected implements Parsed {
  readonly readings: SentReading[] = [];
  readonly refused: RefusedReading[] = [];

  add(reading: SentReading): void {
    this.requireRoom();
    this.readings.push(reading);
  }

  refuse(line: number, reason: RefusalReason, device: string | null = null, metric: string | null = null): void {
    this.requireRoom();
    this.refused.push({ line, reason, device, metric });
  }

  malformed(line: number, detail: string, device: string | null = null, metric: string | null = null): void {
    this.requireRoom();
    this.refused.push({ line, reason: 'malformed', device, metric, detail });
  }

  private requireRoom(): void {
    if (this.readings.length + this.refused.length < maxReadings) return;
    throw tooMany();
  }
}
