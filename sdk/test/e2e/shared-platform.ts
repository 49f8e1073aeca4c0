import { fileTimeoutMs, type Platform, type PlatformSetup, startPlatform, type TestContext } from './platform.js';
import { addBareTenant, addStore } from './world.js';

const setups = {
  planes: { services: ['control-plane', 'data-plane'] },
  // Whoever deletes a tenant waits for it.
  processes: { env: { 'control-plane': { TENANT_DELETION_GRACE: '1s' } } },
  attacked: {
    services: ['control-plane', 'data-plane'],
    // Attacks all come from one address, and each sign-in of a sample counts.
    env: { 'control-plane': { AUTH_REQUESTS_PER_MINUTE: '100000' } },
    prepare: async (databases) => {
      await addBareTenant(databases);
      await addStore(databases);
    },
  },
} as const satisfies Readonly<Record<string, PlatformSetup>>;

const started = new Map<string, Promise<Platform>>();

/**
 * One for all files that name it: the runner puts them into one process, since starting one takes as long as many a file.
 * Each bears what the others left, and leaves every service running and the seeds' people able to sign in. Alone, a file
 * has it for itself.
 */
export function sharedPlatform(t: WithParent, name: keyof typeof setups): Promise<Platform> {
  t.setTimeout(fileTimeoutMs);
  const whole = rootOf(t);
  const platform =
    started.get(name) ??
    startPlatform(
      {
        teardown: (work) => whole.teardown(work),
        comment: (text) => whole.comment(text),
        passing: () => whole.passing(),
        setTimeout: () => undefined,
      },
      setups[name],
    );
  started.set(name, platform);
  return platform;
}

type WithParent = TestContext & { readonly parent?: unknown };

/** The process's own: a file among others is a test inside it, and a test of that file one further inside. */
function rootOf(t: WithParent): TestContext {
  // Whose type knows nothing of tap's plugins.
  const parent = t.parent as WithParent | undefined;
  return parent === undefined ? t : rootOf(parent);
}
