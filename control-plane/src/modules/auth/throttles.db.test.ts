import { demoPassword } from '@platen/schema/seeds/identities';
import t from 'tap';
import { startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import { acme } from '../../test/people.fixture.js';
import { throttlePolicies } from './throttles.js';

const { free } = throttlePolicies.account;
const wrong = 'not the password';

async function fail(plane: TestControlPlane, email: string, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await plane.browser().signIn(email, wrong);
}
/** As if the blocks of all had ended. */
const waitOut = (plane: TestControlPlane) =>
  plane.sql(`update auth_throttles set blocked_until = now() - interval '1 ms'`);
const failuresOf = (plane: TestControlPlane) =>
  plane.sql<{ subject: string; network: string; failures: string }>(
    `select case when subject_hash = '' then '' else 'account' end as subject, ip_prefix as network, failures
     from auth_throttles order by subject_hash <> '' desc, ip_prefix desc, failures desc`,
  );

/** Sign-ins that have all found no block when the first password is checked: what `start` begins waits there for `pass`. */
async function holdPasswords(plane: TestControlPlane, start: () => readonly Promise<Answer>[]) {
  const { verify } = plane.passwords;
  const waiting: (() => void)[] = [];
  let arrived = () => {};
  Object.assign(plane.passwords, {
    verify: async (...input: Parameters<typeof verify>) => {
      await new Promise<void>((pass) => {
        waiting.push(pass);
        arrived();
      });
      return verify(...input);
    },
  });
  try {
    const answers = start();
    await new Promise<void>((resolve) => {
      arrived = () => waiting.length === answers.length && resolve();
    });
    return {
      answers: Promise.all(answers),
      pass: () => {
        for (const pass of waiting) pass();
      },
    };
  } finally {
    Object.assign(plane.passwords, { verify });
  }
}
type Answer = Awaited<ReturnType<ReturnType<TestControlPlane['browser']>['signIn']>>;

t.test('failed sign-ins', async (t) => {
  const plane = await startControlPlane(t);

  await t.test('block an e-mail, known or not, with one answer', async (t) => {
    const answers = [];
    for (const email of ['sales@acme.test', 'nobody@acme.test']) {
      await fail(plane, email, free - 1);
      t.equal(
        (await plane.browser().signIn(email, wrong)).json().code,
        'invalid_credentials',
        'the last one that is free',
      );
      answers.push(await plane.browser().signIn(email, wrong));
    }
    for (const answer of answers) {
      t.equal(answer.statusCode, 429);
      t.equal(answer.json().code, 'too_many_attempts');
      t.same(answer.json(), answers[0]?.json());
      const seconds = Number(answer.headers['retry-after']);
      // The column keeps milliseconds and rounds up, and the seconds that are left are rounded up too: one more at most.
      t.ok(seconds > 0 && seconds <= throttlePolicies.account.firstSeconds + 1, `${seconds}`);
    }
    const right = await plane.browser().signIn('sales@acme.test');
    t.equal(right.json().code, 'too_many_attempts', 'the right password is blocked too');
    t.equal((await plane.browser().signIn('ＳＡＬＥＳ@acme.test')).statusCode, 429, 'however it is typed');
  });

  await t.test('do not touch others, nor the same e-mail at another tenant', async (t) => {
    t.equal((await plane.browser().signIn('manager@acme.test')).statusCode, 200);
    t.equal((await plane.browser('globex.localhost').signIn('sales@acme.test', wrong)).statusCode, 401);
  });

  await t.test('block for longer and longer, up to a bound', async (t) => {
    const blocks: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      await waitOut(plane);
      await fail(plane, 'sales@acme.test', 1);
      blocks.push(Number((await plane.browser().signIn('sales@acme.test', wrong)).headers['retry-after']));
    }
    const { firstSeconds, maxSeconds } = throttlePolicies.account;
    t.same(
      blocks.map((seconds) => Math.round(seconds / 10) * 10),
      [60, 120, 240, 480, 900, 900, 900, 900].map((seconds) => Math.min(seconds, maxSeconds)),
    );
    t.equal(firstSeconds, 30);
  });

  await t.test('are forgotten by a success, for that e-mail alone', async (t) => {
    await waitOut(plane);
    const before = (await failuresOf(plane)).filter(({ subject }) => subject === 'account').length;
    t.equal((await plane.browser().signIn('sales@acme.test')).statusCode, 200);
    const after = await failuresOf(plane);
    t.equal(after.filter(({ subject }) => subject === 'account').length, before - 1);
    t.ok(
      after.some(({ network }) => network === '127.0.0.0/24'),
      'the network stays counted',
    );
    t.ok(
      after.some(({ subject, network }) => subject === '' && network === ''),
      'and the tenant',
    );
  });

  await t.test('are forgotten after an hour', async (t) => {
    await fail(plane, 'buyer@acme.test', free - 1);
    await plane.sql(`update auth_throttles set last_failure_at = now() - interval '61 minutes'`);
    await fail(plane, 'buyer@acme.test', free - 1);
    t.equal((await plane.browser().signIn('buyer@acme.test')).statusCode, 200);
  });

  await t.test('of one network block it for every e-mail, and no other network', async (t) => {
    await plane.sql('delete from auth_throttles');
    const { free: freeOfNetwork } = throttlePolicies.network;
    const from = (remoteAddress: string, email: string) =>
      plane.app.tenant.inject({
        method: 'POST',
        url: '/api/auth/login',
        remoteAddress,
        headers: { host: 'acme.localhost', 'x-correlation-id': 'test-correlation' },
        payload: { email, password: wrong },
      });
    for (let n = 0; n < freeOfNetwork; n += 1) await from(`198.51.100.${n}`, `guess-${n}@acme.test`);
    t.equal((await from('198.51.100.250', 'another@acme.test')).json().code, 'too_many_attempts');
    t.equal((await from('198.51.101.1', 'another@acme.test')).json().code, 'invalid_credentials');
  });

  await t.test('at once are all counted', async (t) => {
    await plane.sql('delete from auth_throttles');
    const held = await holdPasswords(plane, () =>
      Array.from({ length: 20 }, () => plane.browser().signIn('press@acme.test', wrong)),
    );
    held.pass();
    const answers = await held.answers;
    const refused = answers.filter((answer) => answer.json().code === 'invalid_credentials');
    t.equal(refused.length, free, 'no more are told that they were wrong than one after another');
    t.ok(answers.every((answer) => refused.includes(answer) || answer.json().code === 'too_many_attempts'));
    const rows = await failuresOf(plane);
    t.same(
      rows.map(({ failures }) => failures),
      ['20', '20', '20'],
    );
    t.equal((await plane.browser().signIn('press@acme.test')).statusCode, 429);
  });

  await t.test('a right one that waited behind too many wrong ones is not told apart', async (t) => {
    await plane.sql('delete from auth_throttles');
    const held = await holdPasswords(plane, () =>
      [demoPassword, wrong].map((password) => plane.browser().signIn('press@acme.test', password)),
    );
    await fail(plane, 'press@acme.test', free);
    held.pass();
    for (const answer of await held.answers) t.match(answer.json(), { status: 429, code: 'too_many_attempts' });
    t.equal((await failuresOf(plane))[0]?.failures, String(free + 1), 'and the wrong one counts');
  });

  await t.test('survive a restart: they are in the table, which names nobody', async (t) => {
    const rows = await plane.sql<{ subject_hash: string }>('select subject_hash from auth_throttles');
    for (const { subject_hash } of rows) t.match(subject_hash, /^([0-9a-f]{64})?$/);
  });
});

t.test('a flood at one tenant', async (t) => {
  const plane = await startControlPlane(t);
  const from = (remoteAddress: string, password = demoPassword) =>
    plane.app.tenant.inject({
      method: 'POST',
      url: '/api/auth/login',
      remoteAddress,
      headers: { host: 'acme.localhost', 'x-correlation-id': 'test-correlation' },
      payload: { email: 'sales@acme.test', password },
    });
  const browser = plane.browser();
  await browser.signIn('sales@acme.test');
  t.equal((await from('2001:db8:1:2::7')).statusCode, 200);
  // As after hundreds of failures from networks of which each failed a few times only; one more a minute keeps it so.
  await plane.sql(
    `insert into auth_throttles (tenant_id, subject_hash, ip_prefix, failures, last_failure_at, blocked_until)
     values ($1, '', '', 600, now(), now() + interval '1 minute')`,
    [acme.id],
  );

  await t.test('keeps out networks that nobody of the tenant came from', async (t) => {
    for (const network of ['198.51.100.9', '2001:db8:1:3::7']) {
      t.equal((await from(network)).json().code, 'too_many_attempts', network);
    }
  });

  await t.test('and nobody where they always sign in', async (t) => {
    for (const network of ['127.0.0.1', '127.0.0.77', '2001:db8:1:2:9::1']) {
      t.equal((await from(network)).statusCode, 200, network);
    }
    t.equal((await from('127.0.0.1', wrong)).json().code, 'invalid_credentials');
  });

  await t.test('nor who is signed in', async (t) => {
    const change = { current_password: demoPassword, new_password: 'four inks on two screens' };
    t.equal((await browser.call('POST', '/api/auth/password', change)).statusCode, 204);
  });

  await t.test('but their own failures count', async (t) => {
    for (let n = 0; n < free; n += 1) await from('127.0.0.1', wrong);
    t.equal((await from('127.0.0.1')).json().code, 'too_many_attempts');
  });
});

t.test('saying a password again counts as signing in does', async (t) => {
  const plane = await startControlPlane(t);
  const browser = plane.browser();
  await browser.signIn('sales@acme.test');
  const change = () =>
    browser.call('POST', '/api/auth/password', { current_password: wrong, new_password: 'some other phrase' });
  for (let n = 0; n < free; n += 1) t.equal((await change()).json().code, 'invalid_credentials');
  t.equal((await change()).json().code, 'too_many_attempts');
  t.equal((await plane.browser().signIn('sales@acme.test')).json().code, 'too_many_attempts');
});
