import { DatabaseError as ServerError } from 'pg';
import { test } from 'tap';
import { AppError } from '../http/app-error.js';
import { DatabaseError, fromServer, isForeignKeyViolation, isUniqueViolation, toAppError } from './errors.js';

function serverError(code: string): ServerError {
  return Object.assign(new ServerError('message', 0, 'error'), {
    code,
    constraint: 'things_code_key',
    table: 'things',
  });
}

test('a database that is away is 503 with Retry-After, whatever it said last', async (t) => {
  const away = ['08006', '53300', '53100', '57P01', '57P02', '57P03', '25P03', '28P01', '3D000', '58030'];
  for (const error of [...away.map(serverError), new Error('read ECONNRESET'), undefined]) {
    const mapped = fromServer(error);
    t.ok(mapped instanceof AppError);
    t.match(mapped, { code: 'database_unavailable', retryAfterSeconds: 1, detail: undefined });
  }
});

test('what a statement caused keeps its code and constraint', async (t) => {
  const error = fromServer(serverError('23505'), 'insert_thing');
  t.match(error, { sqlstate: '23505', constraint: 'things_code_key', table: 'things', statement: 'insert_thing' });
  t.ok(isUniqueViolation(error));
  t.ok(isUniqueViolation(error, 'things_code_key'));
  t.notOk(isUniqueViolation(error, 'others_key'));
  t.notOk(isForeignKeyViolation(error));
});

test('what it means to a caller when the service said nothing', async (t) => {
  const codeOf = (sqlstate: string) => toAppError(new DatabaseError('x', { sqlstate }))?.code;
  t.equal(codeOf('23505'), 'duplicate');
  t.equal(codeOf('23503'), 'unknown_reference');
  for (const sqlstate of ['40001', '40P01']) t.equal(codeOf(sqlstate), 'conflict');
  t.match(toAppError(new DatabaseError('x', { sqlstate: '55P03' })), { code: 'contended', retryAfterSeconds: 1 });
  t.equal(codeOf('57014'), 'database_unavailable');
  t.equal(codeOf('22021'), 'validation_failed');
  t.equal(codeOf('42601'), undefined);
  t.equal(toAppError(new Error('x')), undefined);
});
