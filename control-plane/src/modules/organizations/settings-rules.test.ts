import t from 'tap';
import { checkSettings } from './settings-rules.js';

const refused = (patch: Parameters<typeof checkSettings>[0]) => {
  try {
    return checkSettings(patch, '/body');
  } catch (error) {
    return error;
  }
};

t.test('settings are spelled in one way', async (t) => {
  t.same(checkSettings({ time_zone: 'europe/berlin', locale: 'DE-de', currency: 'EUR' }, '/body'), {
    time_zone: 'Europe/Berlin',
    locale: 'de-DE',
    currency: 'EUR',
  });
  t.equal(checkSettings({ time_zone: 'UTC' }, '/body').time_zone, 'UTC');
  t.equal(checkSettings({ time_zone: 'Europe/Kyiv' }, '/body').time_zone, 'Europe/Kyiv', 'an alias stays');
  t.same(checkSettings({ terms: null, quote_valid_days: 10 }, '/body'), { terms: null, quote_valid_days: 10 });
});

t.test('what nobody knows is refused by its name', async (t) => {
  for (const time_zone of ['Mars/Olympus', '+02:00', '', '../etc', 'Europe/Berlin\u0000']) {
    t.match(refused({ time_zone }), { code: 'validation_failed', fields: [{ path: '/body/time_zone' }] }, time_zone);
  }
  for (const locale of ['tlh-KX', 'english', 'de_DE', '--', 'x']) {
    t.match(refused({ locale }), { code: 'validation_failed', fields: [{ path: '/body/locale' }] }, locale);
  }
  for (const currency of ['XYZ', 'eur', 'AAA']) {
    t.match(refused({ currency }), { code: 'validation_failed', fields: [{ path: '/body/currency' }] }, currency);
  }
  t.match(refused({ currency: 'AAA', time_zone: 'Nowhere' }), { fields: { length: 2 } }, 'all at once');
});
