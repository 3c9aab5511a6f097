import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request, type Dispatcher } from 'undici';

import {
  startAzureStandIn,
  type AzureStandIn,
  type AzureStandInOptions,
} from '../testbed/azure/standIn.ts';

export interface Reply {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON, or null where there is none. */
  body: unknown;
}

export interface Ask {
  /** Null: none is sent. Default: that of the officer, who may do everything in `shop`. */
  token?: string | null;
  vault?: string;
  /** Added to the URL unless that names one. */
  apiVersion?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** The stand-in with a clock of its own, one vault and one identity that may do everything in it. */
export interface StandInWorld {
  standIn: AzureStandIn;
  clock: { nowMs: number };
  officer: string;
  caPem: string;
  /** `ask('GET /secrets/a')`: one request to a vault. */
  ask(line: string, options?: Ask): Promise<Reply>;
  /** `entra('/oauth2/v2.0/token', form)`: POST with a form, else GET; `path` is behind the tenant. */
  entra(path: string, form?: Readonly<Record<string, string>>, tenant?: string): Promise<Reply>;
  imds(path: string, headers?: Record<string, string>): Promise<Reply>;
  admin(line: string, body?: unknown): Promise<Reply>;
  /** A vault, made anew if it exists, in which the officer may do everything. */
  addVault(settings: { name: string; [setting: string]: unknown }): Promise<void>;
  /** A new application with a client secret, and nothing granted. */
  addApplication(more?: object): Promise<string>;
  tokenOf(clientId: string, more?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

export const clientSecret = 'a client secret';
export const startMs = Date.UTC(2026, 0, 2, 3, 4, 5);

export async function startWorld(
  options: Partial<AzureStandInOptions> = {},
): Promise<StandInWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'stand-in-'));
  const clock = { nowMs: startMs };
  const standIn = await startAzureStandIn({ directory, now: () => clock.nowMs, ...options });
  const caPem = await readFile(standIn.caFile, 'utf8');
  const agent = new Agent({ connect: { ca: caPem, servername: 'localhost' }, allowH2: false });

  const admin = (line: string, body?: unknown): Promise<Reply> => {
    const [method = '', path = ''] = line.split(' ');
    return send(`${standIn.adminUrl}${path}`, { method, body: textOf(body) });
  };
  const entra: StandInWorld['entra'] = (path, form, tenant = standIn.tenantId) =>
    send(`https://${standIn.entraAddress}/${tenant}${path}`, {
      dispatcher: agent,
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        host: 'login.microsoftonline.com',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: form === undefined ? null : new URLSearchParams(form).toString(),
    });
  const addApplication = async (more = {}): Promise<string> => {
    const clientSecrets = [{ value: clientSecret, expiresAtMs: Date.UTC(2100, 0, 1) }];
    const { body } = await admin('POST /applications', { clientSecrets, ...more });
    return textAt(body, 0, 'clientId');
  };
  const tokenOf: StandInWorld['tokenOf'] = async (clientId, more = {}) => {
    const { body } = await entra('/oauth2/v2.0/token', {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'https://vault.azure.net/.default',
      ...more,
    });
    return textAt(body, 'access_token');
  };

  const officer = await addApplication();
  const addVault: StandInWorld['addVault'] = async (settings) => {
    const role = 'Key Vault Administrator';
    await admin('POST /vaults', settings);
    await admin('POST /roleAssignments', { vault: settings.name, clientId: officer, role });
  };
  await addVault({ name: 'shop' });
  let officerToken = await tokenOf(officer);
  let officerTokenAtMs = clock.nowMs;
  const currentOfficerToken = async (): Promise<string> => {
    if (clock.nowMs - officerTokenAtMs > 3_000_000) {
      officerToken = await tokenOf(officer);
      officerTokenAtMs = clock.nowMs;
    }
    return officerToken;
  };

  return {
    standIn,
    clock,
    officer,
    caPem,
    admin,
    addVault,
    entra,
    addApplication,
    tokenOf,
    async ask(line, { token, vault = 'shop', apiVersion = '7.6', headers = {}, body } = {}) {
      const [method = '', path = ''] = line.split(' ');
      const bearer = token === undefined ? await currentOfficerToken() : token;
      const authorization: Record<string, string> =
        bearer === null ? {} : { authorization: `Bearer ${bearer}` };
      return send(`https://${standIn.vaultAddress}${versioned(path, apiVersion)}`, {
        dispatcher: agent,
        method,
        headers: { ...headers, ...authorization, host: `${vault}.vault.azure.net` },
        body: textOf(body),
      });
    },
    imds: (path, headers = {}) =>
      send(`${standIn.imdsEndpoint}${path}`, { method: 'GET', headers, body: null }),
    async close() {
      await agent.destroy();
      await standIn.close();
      await rm(directory, { recursive: true });
    },
  };
}

function versioned(path: string, apiVersion: string): string {
  if (path.includes('api-version=')) return path;
  return `${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`;
}

const textOf = (body: unknown): string | null => (body === undefined ? null : JSON.stringify(body));

interface Sent {
  dispatcher?: Dispatcher;
  method: string;
  headers?: Record<string, string>;
  body: string | null;
}

async function send(url: string, { method, ...rest }: Sent): Promise<Reply> {
  const { statusCode, headers, body } = await request(url, { method, ...rest });
  const text = await body.text();
  return { status: statusCode, headers, body: text === '' ? null : parsed(text) };
}

function parsed(text: string): unknown {
  const json: unknown = JSON.parse(text);
  return json;
}

/** What lies at a path of keys and indexes in parsed JSON. */
export function at(json: unknown, ...path: readonly (string | number)[]): unknown {
  let found = json;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

export function textAt(json: unknown, ...path: readonly (string | number)[]): string {
  const found = at(json, ...path);
  if (typeof found === 'string') return found;
  throw new Error(`no text at ${path.join('.')} of ${JSON.stringify(json)}`);
}

/** The version at the end of an id. */
export const versionIn = (body: unknown): string => textAt(body, 'id').split('/').at(-1) ?? '';
