import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './errors.js';

const run = promisify(execFile);

/** Whom the server runs as. PostgreSQL refuses to run as root, so root lends it the user `postgres`. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

async function lookUp(): Promise<ServerUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** undefined: this process is an ordinary user, and the server runs as the same one. */
export async function findServerUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const found = await lookUp();
  if (found) return found;
  try {
    await run('groupadd', ['--system', '--force', 'postgres']);
    await run('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres']);
  } catch (cause) {
    // Two starts at once: the other one may have made the user meanwhile.
    const made = await lookUp();
    if (made) return made;
    throw new EmbeddedPostgresError(
      'unsupported_platform',
      'PostgreSQL refuses to run as root and the user "postgres" could not be made; run this as an ordinary user',
      { cause },
    );
  }
  const made = await lookUp();
  if (!made) throw new EmbeddedPostgresError('unsupported_platform', 'The user "postgres" could not be made');
  return made;
}

function mayEnter(mode: number, uid: number, gid: number, user: ServerUser): boolean {
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** Refuses a folder that the server's user could not reach, naming the closed one on the way. */
export async function assertReachable(folder: string, user: ServerUser): Promise<void> {
  let at = path.parse(folder).root;
  for (const part of ['', ...path.relative(at, folder).split(path.sep)]) {
    at = path.join(at, part);
    const found = await stat(at).catch(() => undefined);
    if (!found) return;
    if (!mayEnter(found.mode, found.uid, found.gid, user)) {
      const mode = (found.mode & 0o777).toString(8);
      throw new EmbeddedPostgresError(
        'closed_folder',
        `PostgreSQL runs as the user "postgres" here and cannot enter ${at} (mode ${mode}); choose a folder elsewhere or open this one (chmod o+x)`,
      );
    }
  }
}
