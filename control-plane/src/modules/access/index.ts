export { accessClaims, accessTokenTtlMs } from './access-token.js';
export { bitsOf, bitsOfCodes, codesOf, includesAll, type PermissionBits } from './bits.js';
export {
  type Access,
  type Assignment,
  type Context,
  compileAccess,
  compileReach,
  mayHandOn,
  type Reach,
} from './compile-access.js';
export { raiseTenantEpoch, raiseUserEpoch } from './epochs.js';
export { readOwnReach, requireReach, wholeTenant } from './own-reach.js';
export { findIdentity, type Identity, identityJson, parseIdentity } from './repo.js';
