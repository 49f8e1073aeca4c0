import t from 'tap';
import { addDays, dateIn, endOfDayIn } from './calendar.js';

const moment = new Date('2026-03-01T23:30:00.000Z');
t.equal(dateIn('UTC', moment), '2026-03-01');
t.equal(dateIn('Europe/Berlin', moment), '2026-03-02', 'the day is already over there');
t.equal(dateIn('America/Los_Angeles', moment), '2026-03-01');
t.equal(addDays('2026-02-27', 2), '2026-03-01');
t.equal(addDays('2024-02-28', 1), '2024-02-29');

const ends = (zone: string, date: string) => endOfDayIn(zone, date).toISOString();
t.equal(ends('UTC', '2026-12-31'), '2027-01-01T00:00:00.000Z');
t.equal(ends('Europe/Berlin', '2026-12-31'), '2026-12-31T23:00:00.000Z');
t.equal(ends('Europe/Berlin', '2026-03-29'), '2026-03-29T22:00:00.000Z', 'summer time began that day');
t.equal(ends('Asia/Kathmandu', '2026-03-01'), '2026-03-01T18:15:00.000Z');
t.equal(ends('Pacific/Kiritimati', '2026-03-01'), '2026-03-01T10:00:00.000Z');
t.equal(ends('Etc/GMT+12', '2026-03-01'), '2026-03-02T12:00:00.000Z');
t.equal(
  ends('Africa/Cairo', '2026-04-23'),
  '2026-04-23T22:00:00.000Z',
  'there is no midnight: one o’clock follows 23:59',
);
