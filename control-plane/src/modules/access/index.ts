export { accessClaims, accessTokenTtlMs } from './access-token.js';
export {
  administering,
  isAdministrator,
  lockAssignments,
  requireAdministratorLeft,
  touchesAdministration,
} from './administrators.js';
export { bitsOf, bitsOfCodes, codesOf, includesAll, type PermissionBits, parseBits, tenantWideBits } from './bits.js';
export {
  type Access,
  type Assignment,
  type Context,
  compileAccess,
  compileReach,
  inOrderOfApplication,
  mayHandOn,
  misfitOf,
  type Override,
  type Reach,
  type Scope,
} from './compile-access.js';
export { raiseTenantEpoch, raiseUserEpoch } from './epochs.js';
export {
  mayDropOverride,
  mayEditRole,
  mayGiveRole,
  mayMakeOrDropRole,
  mayOverride,
  mayTakeRole,
} from './grant-rules.js';
export {
  readCaller,
  readOwnReach,
  readVisiblePlace,
  requireReach,
  type VisiblePlace,
  wholeTenant,
} from './own-reach.js';
export { type Placement, type PlacementInput, readPlacement } from './placement.js';
export { findIdentity, findKeyHolder, type Holder, type Identity, identityJson, parseIdentity } from './repo.js';
