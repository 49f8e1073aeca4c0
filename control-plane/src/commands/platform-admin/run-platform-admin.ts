import type { SystemDatabase } from '@platen/chassis/db/system-database';
import { AppError } from '@platen/chassis/http/app-error';
import { createChecker } from '@platen/chassis/validation/checker';
import { normalizeEmail } from '@platen/chassis/validation/normalize';
import { Email, Name } from '@platen/schema/contracts/shapes';
import { v7 as uuidv7 } from 'uuid';
import type { PasswordPool } from '../../modules/auth/index.js';
import { insertOwner } from '../../modules/platform-admins/index.js';
import { exitCodes, UsageError } from '../run-command.js';

export const platformAdminUsage = `usage: npm run platform:admin -- create <e-mail> <name>
  makes an owner of the platform; the password is read from the terminal or the standard input`;

export interface PlatformAdminDeps {
  readonly db: Pick<SystemDatabase, 'transaction'>;
  readonly passwords: Pick<PasswordPool, 'hash'>;
  readonly readPassword: () => Promise<string>;
  readonly print: (line: string) => void;
}

const fits = { email: createChecker(Email), name: createChecker(Name) };

/** How the first owner comes to be, and another one when all are locked out. Whoever can reach the database may. @throws UsageError */
export async function runPlatformAdmin(args: readonly string[], deps: PlatformAdminDeps): Promise<number> {
  const [command, email, name, ...rest] = args;
  if (command !== 'create' || !fits.email.check(email) || !fits.name.check(name) || rest.length > 0) {
    throw new UsageError(platformAdminUsage);
  }
  const newId = () => uuidv7();
  const author = { principal: null, ip: null, correlationId: `command-${newId()}`, newId };
  try {
    const person = { email: normalizeEmail(email, '/email'), name };
    const made = await insertOwner(deps, author, person, await deps.readPassword());
    deps.print(`${made.email} is an owner of the platform`);
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    deps.print(`refused (${error.code}): ${error.message}`);
    return exitCodes.failed;
  }
}
