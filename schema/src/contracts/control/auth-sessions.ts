import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Id, IdParams, nullable, page, pageQuery, Timestamp } from '../shapes.js';

export const OwnSession = closed({
  id: Id,
  /** The one that asks. */
  current: Type.Boolean(),
  /** Where it was signed in from. */
  ip: nullable(Type.String()),
  user_agent: nullable(Type.String()),
  last_seen_at: Timestamp,
  expires_at: Timestamp,
  created_at: Timestamp,
});

export const sessions = contracts('auth.sessions', {
  list: {
    method: 'GET',
    path: '/api/auth/sessions',
    access: 'self',
    summary: 'List my open sessions, the newest first',
    query: closed(pageQuery),
    status: 200,
    response: page(OwnSession),
    errors: ['person_required', 'invalid_cursor'],
    paged: true,
  },
  delete: {
    method: 'DELETE',
    path: '/api/auth/sessions/:id',
    access: 'self',
    summary: 'End one of my sessions',
    description: 'Every data plane refuses its tokens within a second.',
    params: IdParams,
    status: 204,
    errors: ['person_required', 'not_found'],
  },
});
