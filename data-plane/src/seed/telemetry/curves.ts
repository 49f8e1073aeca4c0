import { dayMs, hourMs, minuteMs } from '@platen/chassis/durations';
import { demoSettings } from '@platen/schema/seeds/identities';
import { type Random, seededRandom } from '../random.js';
import {
  type Behaviour,
  climateEveryMs,
  counterEveryMs,
  heatEveryMs,
  type MetricCode,
  type SeedDevice,
} from './shop.js';

/** What a device has measured, before anybody gave numbers to it. */
export interface Measured {
  readonly metric: MetricCode;
  readonly tsMs: number;
  readonly value: number;
}

const days = 30;
const state = { off: 0, waiting: 1, running: 2 } as const;

/** A day's work, in minutes since its midnight there. */
const shift = { beginsMin: 7.5 * 60, breakMin: 12 * 60, resumesMin: 12.5 * 60, endsMin: 16.5 * 60 } as const;

/** What one device measured in the days up to now: the same for the same device and day, whenever it is asked. */
export function measure(device: SeedDevice, nowMs: number): Measured[] {
  const readings: Measured[] = [];
  let counted = 0;
  for (let ago = days; ago >= 0; ago -= 1) {
    const day = dayOf(nowMs - ago * dayMs);
    const random = seededRandom(`${device.code} ${day.name}`);
    const made = ofDay(device.behaviour, day, random, counted);
    counted = made.counted;
    readings.push(...made.readings);
  }
  return readings.filter(({ tsMs }) => tsMs <= nowMs);
}

interface Day {
  readonly name: string;
  readonly midnightMs: number;
  readonly isWorkday: boolean;
  /** Since 1970: what happens every so many days happens on the same ones for everybody. */
  readonly number: number;
}

const clock = new Intl.DateTimeFormat('en-GB', { timeZone: demoSettings.timeZone, hour: '2-digit', hourCycle: 'h23' });

/** The day of this moment, where the shop is. */
function dayOf(atMs: number): Day {
  const noonMs = Math.floor(atMs / dayMs) * dayMs + 12 * hourMs;
  const midnightMs = noonMs - Number(clock.format(noonMs)) * hourMs;
  const noon = new Date(noonMs);
  const weekday = noon.getUTCDay();
  return {
    name: noon.toISOString().slice(0, 10),
    midnightMs,
    isWorkday: weekday !== 0 && weekday !== 6,
    number: Math.floor(noonMs / dayMs),
  };
}

interface Made {
  readonly readings: readonly Measured[];
  /** Where its counter stands. */
  readonly counted: number;
}

function ofDay(behaviour: Behaviour, day: Day, random: Random, counted: number): Made {
  if (behaviour.does === 'watches') return { readings: climate(behaviour, day, random), counted };
  if (!day.isWorkday) return { readings: [], counted };
  if (behaviour.does === 'heats') return { readings: heat(behaviour, day, random), counted };
  return work(behaviour, day, random, counted);
}

/** Runs between stops to set up the next job, and stands still at noon; embroidery counts from nothing each morning. */
function work(behaviour: Behaviour & { does: 'makes' }, day: Day, random: Random, before: number): Made {
  const { counter, aMinute, breaks } = behaviour;
  const readings: Measured[] = [];
  const at = (minute: number): number => Math.round(day.midnightMs + minute * minuteMs);
  let counted = breaks === undefined ? before : 0;
  let broken = 0;
  let isRunning = false;
  const onMin = shift.beginsMin + random.between(-6, 9);
  const offMin = shift.endsMin + random.between(-20, 12);
  let changeMin = onMin + random.between(12, 25);
  readings.push({ metric: 'machine_state', tsMs: at(onMin), value: state.waiting });
  for (let minute = onMin; minute < offMin; minute += counterEveryMs / minuteMs) {
    const isBreak = minute >= shift.breakMin && minute < shift.resumesMin;
    const runs: boolean = !isBreak && (minute >= changeMin ? !isRunning : isRunning);
    if (runs !== isRunning) {
      changeMin = minute + (runs ? random.between(35, 110) : random.between(8, 26));
      readings.push({ metric: 'machine_state', tsMs: at(minute) - 1_000, value: runs ? state.running : state.waiting });
      isRunning = runs;
    }
    if (isRunning) counted += Math.round(aMinute * (counterEveryMs / minuteMs) * (0.85 + random.next() * 0.2));
    readings.push({ metric: counter, tsMs: at(minute), value: counted });
    if (breaks !== undefined && isRunning && random.oneIn(25)) {
      broken += 1;
      readings.push({ metric: breaks, tsMs: at(minute) + 500, value: broken });
    }
  }
  readings.push({ metric: 'machine_state', tsMs: at(offMin), value: state.off });
  return { readings, counted };
}

/** Warms up before the shift, holds, and cools when it is over; now and then a sensor fails and it runs away. */
function heat({ celsius }: Behaviour & { does: 'heats' }, day: Day, random: Random): Measured[] {
  const readings: Measured[] = [];
  const onMin = shift.beginsMin - 30;
  const runsAwayMin = day.number % 9 === 4 ? random.between(9 * 60, 15 * 60) : Number.POSITIVE_INFINITY;
  for (let minute = onMin; minute < shift.endsMin + 150; minute += heatEveryMs / minuteMs) {
    const room = 21 + random.next();
    const warm = celsius - (celsius - room) * Math.exp(-(Math.min(minute, shift.endsMin) - onMin) / 11);
    const cooled = minute <= shift.endsMin ? warm : room + (warm - room) * Math.exp(-(minute - shift.endsMin) / 38);
    const sinceRun = minute - runsAwayMin;
    const away = sinceRun >= 0 && sinceRun < 35 ? 24 * Math.sin((Math.PI * sinceRun) / 35) : 0;
    const value = rounded(cooled + away + (random.next() - 0.5) * 3);
    readings.push({ metric: 'belt_temperature', tsMs: day.midnightMs + minute * minuteMs, value });
  }
  return readings;
}

/** Day and night, whether somebody works or not: warmest in the afternoon, and dry when a window stood open. */
function climate(behaviour: Behaviour & { does: 'watches' }, day: Day, random: Random): Measured[] {
  const readings: Measured[] = [];
  const dryFromMin = day.number % 6 === 1 ? random.between(7 * 60, 12 * 60) : Number.POSITIVE_INFINITY;
  let drift = 0;
  for (let minute = 0; minute < dayMs / minuteMs; minute += climateEveryMs / minuteMs) {
    drift = drift * 0.97 + (random.next() - 0.5) * 0.25;
    const ofDay = Math.sin(((minute - 9 * 60) / (24 * 60)) * 2 * Math.PI);
    const machines = day.isWorkday && minute > shift.beginsMin && minute < shift.endsMin ? 1.6 : 0;
    const sinceDry = minute - dryFromMin;
    const dry = sinceDry >= 0 && sinceDry < 150 ? 17 * Math.sin((Math.PI * sinceDry) / 150) : 0;
    const tsMs = day.midnightMs + minute * minuteMs;
    readings.push(
      { metric: 'air_temperature', tsMs, value: rounded(behaviour.celsius + 1.4 * ofDay + machines + drift) },
      { metric: 'air_humidity', tsMs, value: rounded(behaviour.humidity - 3 * ofDay - dry + drift * 4) },
    );
  }
  return readings;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
