import { CloudEvent } from '@platen/schema/events/cloud-event';
import type { Topic } from '@platen/schema/events/index';
import type { KafkaMessage } from 'kafkajs';
import { Type } from 'typebox';
import { createChecker } from '../../validation/checker.js';

/** An event as the relay put it into a topic. */
export interface RelayedEvent {
  /** Opaque id of the database that it is from, and that keeps its letter. */
  readonly source: string;
  readonly key: string;
  readonly event: CloudEvent;
}

/** Open, where ours is closed: CloudEvents may carry attributes that a reader does not know, such as a newer plane's. */
const envelope = createChecker(Type.Object(CloudEvent.properties));

/**
 * A message that is no event of this topic is a text that says why, without a value of it. An unknown type is an event:
 * handlers pass over what they do not know.
 */
export function readMessage(
  topic: Topic,
  message: Pick<KafkaMessage, 'key' | 'value' | 'headers'>,
): RelayedEvent | string {
  const source = message.headers?.['source']?.toString();
  if (source === undefined) return 'it has no header `source`';
  // A plane would refuse to say which of its keys are parked, for ever, and the partition would wait for that.
  if (!/^[\w-]{1,64}$/.test(source)) return 'its header `source` names no source';
  let event: unknown;
  try {
    event = JSON.parse(message.value?.toString() ?? '');
  } catch {
    return 'its value is not JSON';
  }
  if (!envelope.check(event)) return `it is not a CloudEvent: ${envelope.describe(event)}`;
  if (!event.type.startsWith(`${topic}.`)) return 'its type belongs to another topic';
  // The order of a key rests on it: messages of one key are in one partition.
  const key = `${event.tenantid}:${event.subject}`;
  return message.key?.toString() === key ? { source, key, event } : 'its key is not its tenant and subject';
}
