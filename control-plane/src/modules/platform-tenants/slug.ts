import { AppError } from '@platen/chassis/http/app-error';

/**
 * Hosts below the base domain that are ours, now or some day, and names that would pass for us (RFC 2142 has the
 * mailboxes).
 */
const reserved = new Set(
  `abuse account accounts admin administrator alerts analytics api app apps assets auth autoconfig autodiscover billing
  blog calendar cdn cloud config console control cookie dashboard data database db demo dev developer developers dns docs
  download downloads email erp events example feed files forum ftp gateway git help host hostmaster http https id identity
  images imap info internal invalid invite jobs legal live local localhost localdomain log login logout mail mailer-daemon
  marketing media metrics mobile mqtt mta mx news noc noreply ns ns1 ns2 null oauth ops partner partners pay payment
  payments platen platform pop pop3 portal postmaster press print private prod production proxy public readings register
  registry root sales sandbox secure security self service services shop signin signup smtp sso staging static stats status
  storage store stores subdomain support system telemetry tenant tenants test testing token tools undefined update upload
  usenet user users uucp wildcard web webmail webmaster well-known wiki worker workers wpad www xmpp`.split(/\s+/),
);

/** @throws AppError slug_unacceptable */
export function requireAcceptableSlug(slug: string): void {
  if (reserved.has(slug)) throw new AppError('slug_unacceptable', `"${slug}" is reserved`);
  // RFC 5891 section 4.2.3.1: what looks like an encoded name of another script.
  if (slug.slice(2, 4) === '--') throw new AppError('slug_unacceptable', 'Hyphens in the third and fourth place');
}
