import { advisoryLocks, advisoryLocksOf } from '@platen/schema/advisory-locks';

/** The number of a lock, as an SQL expression. */
export const lockNumber = (lock: keyof typeof advisoryLocks): string => `hashtextextended('${advisoryLocks[lock]}', 0)`;

/** `whose`: an SQL expression, text. */
export const lockNumberOf = (lock: keyof typeof advisoryLocksOf, whose: string): string =>
  `hashtextextended('${advisoryLocksOf[lock]}' || ${whose}, 0)`;
