import { startTestPostgres } from './postgres-server.js';

// Says where its server is, then lives until it is killed.
const { url, port } = await startTestPostgres();
process.send?.({ url, port });
setInterval(() => undefined, 60_000);
