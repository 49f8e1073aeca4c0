import { parseArgs } from 'node:util';

export interface ScaleOptions {
  readonly tenants: number;
  readonly users: number;
  /** ERP databases that the tenants are spread over, `erp-1` and on. */
  readonly databases: number;
}

export const usage = `npm run seed:scale -- [--tenants 10000] [--users 100000] [--databases 2]

Fills a control database with many tenants and users, all users with the demo password. For development: it refuses to run
in production. The catalogue must be there (npm run db:seed). A second run adds what a higher number of tenants asks for.
`;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ids are made from a tenant's number with room for so many users. */
const most = { tenants: 1_000_000, users: 10_000_000, databases: 1_000 };

/** @throws UsageError naming what is not understood */
export function readScaleOptions(args: readonly string[]): ScaleOptions {
  const values = parse(args);
  const whole = (name: keyof ScaleOptions, fallback: number) => {
    const number = Number(values[name] ?? fallback);
    if (!Number.isInteger(number) || number < 1 || number > most[name])
      throw new UsageError(`--${name} is a number from 1 to ${most[name]}`);
    return number;
  };
  const options = {
    tenants: whole('tenants', 10_000),
    users: whole('users', 100_000),
    databases: whole('databases', 2),
  };
  if (options.users < options.tenants) throw new UsageError('every tenant has a user: --users is at least --tenants');
  return options;
}

function parse(args: readonly string[]) {
  try {
    const option = { type: 'string' } as const;
    return parseArgs({ args: [...args], options: { tenants: option, users: option, databases: option } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
