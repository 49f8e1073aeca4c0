import t from 'tap';
import { normalizeCode, normalizeEmail } from './normalize.js';

t.equal(normalizeCode('Tee-01', '/body/code'), 'tee-01');
t.equal(normalizeCode('ＴＥＥ', '/body/code'), 'tee', 'full-width letters are the same letters');
t.equal(normalizeCode('ﬁn', '/body/code'), 'fin', 'so are ligatures');
t.equal(normalizeCode('e\u0301cru'.normalize('NFC'), '/body/code'), 'écru');
t.equal(normalizeEmail('Jo.Doe@Example.TEST', '/body/email'), 'jo.doe@example.test');
t.throws(() => normalizeCode('ﷺ'.repeat(10), '/body/code'), { code: 'validation_failed' }, 'grows beyond its length');
t.throws(() => normalizeCode('İstanbul', '/body/code'), { code: 'validation_failed' }, 'a combining dot is no letter');
