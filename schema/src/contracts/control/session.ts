import { Type } from 'typebox';
import { closed, Email, Id, Name, nullable, Timestamp } from '../shapes.js';

/** Who is signed in and in which context: the answer of sign-in, refresh and switch. */
export const Session = closed({
  user: closed({ id: Id, email: Email, name: Name }),
  tenant: closed({ id: Id, slug: Type.String(), name: Name }),
  context: closed({ organization_id: nullable(Id), workspace_id: nullable(Id) }),
  /** Codes of the permissions that hold in this context. */
  permissions: Type.Array(Type.String()),
  /** When the access token ends; clients refresh after five minutes. */
  expires_at: Timestamp,
});

/** The same, asked for by anybody with a token: a person, or a machine with the token of an API key. */
export const CallerSession = closed({
  ...Session.properties,
  user: nullable(Session.properties.user),
  api_key: nullable(closed({ id: Id, name: Name, prefix: Type.String() })),
});
