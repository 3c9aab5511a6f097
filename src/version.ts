/** Put in by the bundler; running from source there is none. */
declare const VAULTSECRET_VERSION: string | undefined;

export const version: string =
  typeof VAULTSECRET_VERSION === 'undefined' ? 'development' : VAULTSECRET_VERSION;
