import { accountMailKinds } from '@platen/schema/contracts/internal/account-mails';
import { test } from 'tap';
import { sampleAccountMail } from '../../planes.fixture.js';
import { renderAccountMail } from './account-mail-text.js';

test('each kind says what happened, and leads where its link leads', async (t) => {
  const subjects = new Set<string>();
  for (const kind of accountMailKinds) {
    const { subject, text, html } = renderAccountMail({ ...sampleAccountMail, kind });
    subjects.add(subject);
    t.match(subject, 'Acme "Prints"');
    t.match(text, sampleAccountMail.link ?? '');
    t.match(html, `href="${sampleAccountMail.link}"`);
    t.match(text, /until March 8, 2026 at 9:30:00\sAM UTC/);
  }
  t.equal(subjects.size, accountMailKinds.length);
});

test('a mail that only tells has no link and no time', async (t) => {
  const told = renderAccountMail({ ...sampleAccountMail, kind: 'password_changed', link: null, expires_at: null });
  t.notMatch(told.text, /http|until|null/);
  t.notMatch(told.html, /<a |until|null/);
});

test('names are text in HTML, and greeted where they are known', async (t) => {
  const name = '<img src=x onerror=alert(1)>';
  const { text, html } = renderAccountMail({
    ...sampleAccountMail,
    to: { name, email: 'a@b.example' },
    tenant_name: name,
    link: 'https://acme.example/#"><script>',
  });
  t.notMatch(html, /<img|<script/);
  t.match(text, `Hello ${name},`);
  t.match(renderAccountMail(sampleAccountMail).text, /^Hello,\n/);
});
