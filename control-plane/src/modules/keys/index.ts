export { bootstrapSigningKey } from './bootstrap.js';
export { createKeyring, type Keyring } from './keyring.js';
export { createTextCipher, deriveKey, type TextCipher } from './private-key-cipher.js';
export { keyRoutes } from './routes.js';
