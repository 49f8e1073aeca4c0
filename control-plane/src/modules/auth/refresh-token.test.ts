import { createSecretKey, randomBytes } from 'node:crypto';
import t from 'tap';
import { hashRefreshToken, isRefreshToken, newRefreshToken, sessionIdOf, successorOf } from './refresh-token.js';

const key = createSecretKey(randomBytes(32));
const session = '01930000-0000-7000-8000-000000000001';

t.test('a successor is a token like any other, and always the same', async (t) => {
  const token = newRefreshToken(session);
  const next = successorOf(key, session, token);
  t.equal(isRefreshToken(token), true);
  t.equal(isRefreshToken(next), true);
  t.equal(successorOf(key, session, token), next);
  t.not(next, token);
  for (const each of [token, next]) t.equal(sessionIdOf(each), session);
});

t.test('it depends on the key, the session and the token', async (t) => {
  const token = newRefreshToken(session);
  const next = successorOf(key, session, token);
  t.not(successorOf(createSecretKey(randomBytes(32)), session, token), next);
  t.not(successorOf(key, session.replace('1', '2'), token), next);
  t.not(successorOf(key, session, newRefreshToken(session)), next);
});

t.test('what is stored is a hash', async (t) => {
  const token = newRefreshToken(session);
  t.match(hashRefreshToken(token), /^[0-9a-f]{64}$/);
  t.equal(isRefreshToken(hashRefreshToken(token)), false);
  t.equal(isRefreshToken(`${token}=`), false);
  t.equal(isRefreshToken(''), false);
});
