import { type Client, createClient } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import { mustEqual } from './figures.js';

export interface WalkOptions {
  /** With `{tenant}` where the tenant's name belongs, e.g. `http://{tenant}.localhost:4000`. */
  readonly controlUrl: string;
  readonly dataUrl: string;
  /** Of the demo users. */
  readonly password: string;
  readonly print?: (text: string) => void;
}

/** Somebody who is at work: their client and what they say of it. */
export interface Walk {
  readonly client: Client;
  readonly print: (text: string) => void;
}

export function connect({ controlUrl, dataUrl }: WalkOptions, tenant: string): Client {
  const at = (template: string) => template.replaceAll('{tenant}', tenant);
  return createClient({ controlUrl: at(controlUrl), dataUrl: at(dataUrl), transport: createNodeTransport() });
}

/** Signs somebody in at a tenant. */
export async function signIn({ client, print }: Walk, email: string, password: string): Promise<void> {
  const { user, tenant, permissions } = await client.auth.login({ email, password });
  print(`${user.name} signs in at ${tenant.name}: ${permissions.length} permissions in this context`);
}

/** The call has to be refused with this code. */
export async function mustRefuse(
  call: Promise<unknown>,
  isError: (error: unknown) => error is { code: string },
  code: string,
): Promise<void> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined) throw new Error(`A call went through that should be refused with ${code}`);
  if (!isError(failure)) throw failure;
  mustEqual('The refusal', failure.code, code);
}

export function given(what: string, value: string | null): string {
  if (value === null) throw new Error(`${what} is missing`);
  return value;
}
