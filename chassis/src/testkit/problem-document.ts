import { type ErrorCode, errors } from '@platen/schema/errors';

export interface SentProblem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly json: unknown;
  readonly text: string;
}

/** What would tell a stranger about the inside: stacks, SQL, files, addresses. */
const inside =
  /\bat (?:async )?[\w.<>]+ \(|node_modules|\.js:\d|\b(?:select|insert into|update|delete from) \w+|sqlstate|postgres:|\/home\/|ECONN/i;

/** What is wrong with an answer that should be the problem document of this code (RFC 9457); nothing: it is right. */
export function faultsOfProblem(answer: SentProblem, code: ErrorCode, members: object = {}): string[] {
  const { status, title } = errors[code];
  const got = (typeof answer.json === 'object' && answer.json !== null ? answer.json : {}) as Record<string, unknown>;
  const faults: string[] = [];
  const expect = (name: string, is: unknown, shouldBe: unknown) => {
    if (JSON.stringify(is) !== JSON.stringify(shouldBe)) {
      faults.push(`${name} is ${JSON.stringify(is)} instead of ${JSON.stringify(shouldBe)}`);
    }
  };
  expect('the status', answer.status, status);
  expect('the media type', String(answer.headers['content-type']).split(';')[0], 'application/problem+json');
  const wanted = { type: `urn:platen:error:${code}`, title, status, code, ...members };
  for (const [name, value] of Object.entries(wanted)) expect(name, got[name], value);
  if (typeof got['instance'] !== 'string') faults.push('instance is missing');
  if (typeof got['correlation_id'] !== 'string' || got['correlation_id'] !== answer.headers['x-correlation-id']) {
    faults.push('correlation_id is not that of the header');
  }
  const { instance: _path, ...rest } = got;
  const leak = inside.exec(JSON.stringify(rest));
  if (leak !== null) faults.push(`it tells of the inside: ${leak[0]}`);
  return faults;
}
