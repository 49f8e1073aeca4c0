import t from 'tap';
import { addDays, dateIn } from './calendar.js';

const moment = new Date('2026-03-01T23:30:00.000Z');
t.equal(dateIn('UTC', moment), '2026-03-01');
t.equal(dateIn('Europe/Berlin', moment), '2026-03-02', 'the day is already over there');
t.equal(dateIn('America/Los_Angeles', moment), '2026-03-01');
t.equal(addDays('2026-02-27', 2), '2026-03-01');
t.equal(addDays('2024-02-28', 1), '2024-02-29');
