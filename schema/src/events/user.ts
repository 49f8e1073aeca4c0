import { type Static, Type } from 'typebox';
import { closed, Email, Id, nullable, Timestamp } from '../contracts/shapes.js';

export const topic = 'platform.user';

/** A mail about somebody's account. What it says is asked for when it is sent: the worker gets nothing to keep here. */
export const AccountMailQueued = closed({
  /** The user; the invitation where there is no user yet. */
  subject_id: Id,
  to: closed({ email: Email, name: Type.String({ maxLength: 200 }) }),
  /** The link's token, encrypted by the control plane, which alone can read it; null: there is none, or it was erased. */
  secret: nullable(Type.String({ maxLength: 1024 })),
  /** Until when the link may be used. */
  expires_at: nullable(Timestamp),
});

/** All of one shape: they differ in what the mail says. */
export const userEvents = {
  'platform.user.invited': AccountMailQueued,
  'platform.user.password_reset_requested': AccountMailQueued,
  'platform.user.email_change_requested': AccountMailQueued,
  'platform.user.email_changed': AccountMailQueued,
  'platform.user.password_changed': AccountMailQueued,
} as const;
export type AccountMailQueued = Static<typeof AccountMailQueued>;
export type UserEventType = keyof typeof userEvents;
