import { createRequire } from 'node:module';
import { domainToASCII, domainToUnicode } from 'node:url';
import { AppError } from '@platen/chassis/http/app-error';

/** Below a claimed domain; with it, a name has to fit the 253 characters of the DNS. */
export const verificationLabel = '_platen-verification';
const maxLength = 253 - verificationLabel.length - 1;

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostPattern = new RegExp(`^${label}(?:\\.${label})+$`);
/** RFC 6761 and its kin: names that the public DNS will never lead to anybody. */
const reserved = ['alt', 'arpa', 'example', 'internal', 'invalid', 'local', 'localhost', 'onion', 'test'];

/** Loaded when somebody first names a domain: its list of public suffixes would be 58 ms and 13 MB of every start. */
const require = createRequire(import.meta.url);
// What `require` gives is the package's own export.
const loadSuffixes = () => require('tldts') as typeof import('tldts');

/**
 * A host that a tenant may call its own, as the DNS and the `Host` header spell it: ASCII (RFC 5890), lower case, without
 * the root's dot. A name that only looks like another stays a different one.
 * @throws AppError domain_unacceptable
 */
export function parseDomain(text: string, baseDomain: string): string {
  // What a URL's parser would read as more than a host, or decode.
  if (/[\s%/\\:@?#[\]<>^|]/u.test(text)) throw unacceptable('It is no domain name');
  const domain = domainToASCII(text.replace(/\.$/, ''));
  if (!isDecodable(domain)) throw unacceptable('It is no domain name');
  const {
    domain: registrable,
    publicSuffix,
    isIp,
    isIcann,
    isPrivate,
  } = loadSuffixes().parse(domain, {
    allowPrivateDomains: true,
  });
  if (isIp === true) throw unacceptable('An address is no domain');
  if (!hostPattern.test(domain) || domain.length > maxLength) throw unacceptable('It is no domain name');
  if (domain === baseDomain || domain.endsWith(`.${baseDomain}`)) {
    throw unacceptable('Hosts below our own domain are given by the slug');
  }
  if (reserved.includes(domain.slice(domain.lastIndexOf('.') + 1)) || !(isIcann || isPrivate)) {
    throw unacceptable(`Nobody can register names under ${publicSuffix ?? 'this'}`);
  }
  if (registrable === null) throw unacceptable('Anybody can register names under it, so it is nobody’s own');
  return domain;
}

/**
 * Whether each label that says it is encoded (`xn--`, RFC 5891 section 4.2) is, and as it has to be. A URL's parser passes
 * others since Node 22, as the DNS does.
 */
function isDecodable(domain: string): boolean {
  const shown = domainToUnicode(domain);
  return !/(?:^|\.)xn--/.test(shown) && domainToASCII(shown) === domain;
}

const unacceptable = (detail: string) => new AppError('domain_unacceptable', detail);
