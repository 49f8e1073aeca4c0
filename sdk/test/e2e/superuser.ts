import { keepSuperuser } from '@platen/chassis/testkit/database-templates';

/** Before and after each attack somebody looks at the databases; closed before they are dropped. */
export const superuser = keepSuperuser();
