export { dataPlaneRoutes } from './routes.js';
