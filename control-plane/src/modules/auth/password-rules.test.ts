import t from 'tap';
import { requireAcceptablePassword } from './password-rules.js';

const owner = {
  email: 'sales.person@acme.test',
  name: 'Sam Salesperson',
  tenantName: 'Acme Print & Promo',
  tenantSlug: 'acme',
};

t.test('what others would try first is refused', async (t) => {
  for (const password of [
    'short',
    'elevenchars',
    'x'.repeat(129),
    'Password2026!',
    '!!2026Password',
    '1qaz2wsx3edc',
    '1Q2W3E4R5T6Y',
    'ＱＷＥＲＴＹ１２３４５６',
    'aaaaaaaaaaaaa',
    'abcdefghijklm',
    '987654321098',
    'hunter2hunter2',
    'sales.person@acme.test',
    'Sales-Person@ACME.test!',
    'Acme Print & Promo',
    'acmeprintpromo2026',
    'sam salesperson',
  ]) {
    await t.rejects(requireAcceptablePassword(password, owner), { code: 'password_unacceptable' }, password);
  }
});

t.test('what takes long to find is taken', async (t) => {
  for (const password of [
    'platen-demo-2026',
    'correct horse battery',
    'ünïcödé works töö',
    '印刷所の青いインクは三缶あります',
    '𝒜𝒷𝒸 8 inks & 4 screens',
    'x'.repeat(64) + 'y7!'.repeat(21),
  ]) {
    await t.resolves(requireAcceptablePassword(password, owner), password);
  }
});

t.test('a length is counted in characters, as they are hashed', async (t) => {
  await t.rejects(requireAcceptablePassword(`${'😀'.repeat(5)}ﬁ`, owner), { code: 'password_unacceptable' });
  await t.rejects(requireAcceptablePassword('😀1😃2😄3', owner), { code: 'password_unacceptable' });
});
