export { bootstrapSigningKey } from './bootstrap.js';
export { createKeyring, type Keyring } from './keyring.js';
export { signingKeyRoutes } from './platform-routes.js';
export { createTextCipher, deriveKey, type TextCipher } from './private-key-cipher.js';
export { keySweep } from './retire-sweep.js';
export { keyRoutes, keySetRoutes } from './routes.js';
export { type Author, createKeyService, type KeyService, type SigningKey } from './service.js';
