import t from 'tap';
import { AppError } from '../http/app-error.js';
import { makeBadTokens } from '../testkit/bad-tokens.js';
import { createTestIssuer, testIssuer } from '../testkit/tokens.js';
import { audiences, type PlatformClaims, type ServiceClaims } from './claims.js';
import { createAccessVerifier, createPlatformVerifier, createServiceVerifier } from './principals.js';
import { createTokenSigner } from './signer.js';

const issuer = createTestIssuer();
const sign = createTokenSigner(issuer.key);
const access = issuer.accessClaims();
const { iss, sub, sid, iat, exp, jti } = access;
const platform: PlatformClaims = { iss, aud: audiences.platform, sub, sid, rol: 'owner', iat, exp, jti };
const service: ServiceClaims = { iss, aud: audiences.service, sub, scope: 'feed', iat, exp, jti };
const options = { keys: issuer.keys, issuer: testIssuer };
const audienceTable = {
  tenant: { claims: access, verifier: createAccessVerifier(options) },
  platform: { claims: platform, verifier: createPlatformVerifier(options) },
  service: { claims: service, verifier: createServiceVerifier(options) },
};

async function outcome(verify: () => unknown): Promise<string> {
  try {
    await verify();
    return 'accepted';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

for (const [name, { claims, verifier }] of Object.entries(audienceTable)) {
  t.test(`tokens for ${name}: every bad one is refused, before and after a good one was taken`, async (t) => {
    const good = sign(claims);
    const bad = makeBadTokens(issuer.key, claims);
    t.comment(`measured: ${Object.keys(bad).length} bad tokens for ${name}`);
    for (const round of ['before', 'after']) {
      for (const [attack, { token, code }] of Object.entries(bad)) {
        t.equal(await outcome(() => verifier.verify(token, Date.now())), code, `${round}: ${attack}`);
      }
      t.equal(await outcome(() => verifier.verify(good, Date.now())), 'accepted');
    }
    for (const [other, { claims: theirs }] of Object.entries(audienceTable)) {
      if (other === name) continue;
      t.equal(await outcome(() => verifier.verify(sign(theirs), Date.now())), 'token_invalid', `a token for ${other}`);
      const renamed = { ...theirs, aud: claims.aud };
      t.equal(
        await outcome(() => verifier.verify(sign(renamed), Date.now())),
        'token_invalid',
        `${other}'s claims under our audience`,
      );
    }
  });
}
