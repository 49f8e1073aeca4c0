import t from 'tap';
import { advisoryLockNumbers, advisoryLocks, advisoryLocksOf } from './advisory-locks.js';

t.test('no two advisory locks meet', async (t) => {
  const names: string[] = [...Object.values(advisoryLocks), ...Object.values(advisoryLocksOf)];
  for (const [n, name] of names.entries()) {
    // What follows a name could make it another one.
    const others = names.filter((other, at) => at !== n && other.startsWith(name));
    t.same(others, [], `nothing begins with ${name}`);
    t.notMatch(name, /^[0-9a-f]{8}-|'/, `${name} is no tenant's id, and fits between quotes`);
  }
  for (const name of Object.values(advisoryLocksOf)) t.match(name, /[ /]$/, 'what follows is set apart');
  t.equal(new Set(Object.values(advisoryLockNumbers)).size, Object.keys(advisoryLockNumbers).length);
});
