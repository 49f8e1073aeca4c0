import { test } from 'tap';
import { Type } from 'typebox';
import { loadConfig } from '../../config/load-config.js';
import { eventBusFields, relayFields, relayOf } from './settings.js';

const schema = Type.Object({ ...eventBusFields, ...relayFields });
const read = (env: Record<string, string>) => relayOf(loadConfig(schema, env), 'a-service');

test('without a broker there is nothing to relay; with one, a few variables suffice', async (t) => {
  t.equal(read({}), null);
  t.equal(read({ KAFKA_BROKERS: 'a:9092' }), null);
  t.same(read({ EVENT_BUS: 'kafka', KAFKA_BROKERS: 'a:9092, b:9092', KAFKA_TOPIC_PREFIX: 'shop.' }), {
    kafka: { brokers: ['a:9092', 'b:9092'], clientId: 'a-service', ssl: false, topicPrefix: 'shop.' },
    partitions: 12,
    replication: 1,
  });
  const sasl = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'me', KAFKA_SASL_PASSWORD: 'secret' };
  t.match(read({ EVENT_BUS: 'kafka', KAFKA_BROKERS: 'a:9092', KAFKA_TLS: 'true', ...sasl }), {
    kafka: { ssl: true, sasl: { mechanism: 'scram-sha-512', username: 'me', password: 'secret' } },
  });
});

test('what does not go together is told by name', async (t) => {
  const broker = { EVENT_BUS: 'kafka', KAFKA_BROKERS: 'a:9092' };
  t.throws(() => read({ EVENT_BUS: 'kafka' }), /KAFKA_BROKERS/);
  t.throws(() => read({ ...broker, KAFKA_SASL_USERNAME: 'me' }), /KAFKA_SASL_MECHANISM/);
  t.throws(() => read({ ...broker, KAFKA_SASL_MECHANISM: 'plain' }), /KAFKA_SASL_USERNAME/);
  t.throws(() => read({ ...broker, KAFKA_SASL_MECHANISM: 'gssapi' }), /KAFKA_SASL_MECHANISM/);
  t.throws(() => read({ KAFKA_TOPIC_PREFIX: 'a b' }), /KAFKA_TOPIC_PREFIX/);
});
