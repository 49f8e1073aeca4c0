import {
  type ControlInternalClient,
  createInternalClient,
  createServiceToken,
  type DataInternalClient,
  type ServiceCredentials,
  type Transport,
} from './internal.js';

export interface Planes {
  readonly controlPlane: ControlInternalClient;
  readonly dataPlane: DataInternalClient;
}

/** Both planes' internal listeners, with one service token for both. */
export function connectPlanes(options: {
  readonly controlUrl: string;
  readonly dataUrl: string;
  readonly credentials: ServiceCredentials;
  readonly transport: Transport;
}): Planes {
  const { controlUrl, dataUrl, credentials, transport } = options;
  const token = createServiceToken({ baseUrl: controlUrl, credentials, transport });
  return {
    controlPlane: createInternalClient({ contracts: 'control', baseUrl: controlUrl, token, transport }),
    dataPlane: createInternalClient({ contracts: 'data', baseUrl: dataUrl, token, transport }),
  };
}
