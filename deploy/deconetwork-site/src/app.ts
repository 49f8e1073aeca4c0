import { setTimeout as sleep } from 'node:timers/promises';
import formbody from '@fastify/formbody';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import qs from 'qs';
import type { CallLog, LoggedCall } from './call-log.js';
import { type Answer, endpoints } from './endpoints.js';
import { type Fault, faultOf } from './habits.js';
import { htmlPages } from './pages.js';
import { isObject, type Parameters } from './parameters.js';
import { Refusal } from './refusal.js';
import { statusCodes } from './shapes.js';
import type { SiteState } from './state.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}
export interface AppDeps {
  readonly state: SiteState;
  readonly log: CallLog;
  readonly credentials: Credentials;
  /** Faults that a test ordered, before those of habit. */
  readonly takeOrdered: (endpoint: string) => Fault | undefined;
  readonly origin: () => string;
}

const apiPath = '/api/json/';
// Objects throughout: an array would lose the n of conditions[n].
const parse = (text: string): Parameters => qs.parse(text, { parseArrays: false, depth: 3 });

export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const app = fastify({ forceCloseConnections: true, routerOptions: { querystringParser: parse } });
  await app.register(formbody, { parser: parse });
  app.setNotFoundHandler((_request, reply) => sendHtml(reply, 404, htmlPages.notFound));
  app.route({
    method: ['GET', 'POST'],
    url: `${apiPath}*`,
    handler: (request, reply) => answerCall(deps, request, reply),
  });
  return app;
}

async function answerCall(deps: AppDeps, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const query = isObject(request.query) ? request.query : {};
  const { username, password, ...parameters } = { ...query, ...(isObject(request.body) ? request.body : {}) };
  const [path = ''] = request.url.slice(apiPath.length).split('?');
  const credentialsInUrl = 'username' in query || 'password' in query;
  const call = deps.log.open({ method: request.method, endpoint: path, parameters, credentialsInUrl });
  // A caller that hangs up has ended its call, too.
  for (const event of ['finish', 'close']) reply.raw.once(event, () => deps.log.close(call));
  const endpoint = Object.hasOwn(endpoints, path) ? endpoints[path] : undefined;
  if (endpoint === undefined) return endHtml(call, reply, 404, htmlPages.notFound);
  const fault = deps.takeOrdered(path) ?? faultOf(deps.state.habits, call.n);
  if (fault?.kind === 'html') return endHtml(call, reply, fault.status, htmlPages[fault.page]);
  const answer = answerOf(deps, () => {
    refuseStrangers(deps, { username, password });
    return endpoint({ state: deps.state, parameters, origin: deps.origin() });
  });
  return send(call, reply, answer, fault);
}

function answerOf({ state }: AppDeps, answer: () => Answer): Answer {
  try {
    if (!state.habits.apiEnabled) throw new Refusal(statusCodes.apiNotEnabled, 'API not enabled on your site');
    return answer();
  } catch (error) {
    if (error instanceof Refusal) return { response_status: error.status };
    throw error;
  }
}

function refuseStrangers({ state, credentials }: AppDeps, sent: { username: unknown; password: unknown }): void {
  const known = sent.username === credentials.username && sent.password === credentials.password;
  if (!known || state.habits.refuseCredentials) {
    throw new Refusal(statusCodes.authenticationFailed, 'Authentication failed');
  }
}

async function send(call: LoggedCall, reply: FastifyReply, answer: Answer, fault: Fault | null): Promise<unknown> {
  call.code = answer.response_status.code;
  call.rows = Object.values(answer).find(Array.isArray)?.length;
  if (fault?.kind === 'slow') await sleep(fault.delayMs, undefined, { ref: false });
  if (fault?.kind === 'hang') {
    call.outcome = 'hung';
    return reply.hijack();
  }
  if (fault?.kind === 'cut') return cut(call, reply, JSON.stringify(answer));
  // A caller that waited no longer counts as aborted.
  if (reply.raw.destroyed) return reply.hijack();
  call.outcome = 'answered';
  call.httpStatus = 200;
  return reply.send(answer);
}

/** Promises the whole, sends half of it and is gone. */
function cut(call: LoggedCall, reply: FastifyReply, body: string): FastifyReply {
  call.outcome = 'cut';
  call.httpStatus = 200;
  reply.hijack();
  const bytes = Buffer.from(body);
  reply.raw.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length });
  reply.raw.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => reply.raw.destroy());
  return reply;
}

function endHtml(call: LoggedCall, reply: FastifyReply, status: number, html: string): FastifyReply {
  call.outcome = 'html';
  call.httpStatus = status;
  return sendHtml(reply, status, html);
}

const sendHtml = (reply: FastifyReply, status: number, html: string): FastifyReply =>
  reply.code(status).type('text/html; charset=utf-8').send(html);
