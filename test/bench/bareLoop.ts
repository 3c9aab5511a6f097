import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { request as send, type Dispatcher } from 'undici';
import { z } from 'zod';
import { loadKubeConfig } from '../../src/kube/config.ts';
import { createDispatchers } from '../../src/net/dispatcher.ts';
import { createSystemClock } from '../../src/system.ts';
import type { BareLoopPlan, Collection, Exchange, KubeWrite } from './bareLoopPlan.ts';
import { forEachAtOnce } from './pool.ts';

/**
 * A process that sends what the controller sends for its first sync, and does nothing else: no store,
 * no queue, no decision, no log. It connects as the controller does.
 */

/** As the controller's informers. */
const pageSize = 500;
const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().default('') }),
});

const plan: BareLoopPlan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const kubeConfig = loadKubeConfig([plan.kubeconfig], createSystemClock());
const [address = '', port = ''] = plan.vaultAddress.split(':');
const vaults = createDispatchers({
  resolve: [{ host: '*.vault.azure.net', address, port: Number(port) }],
  certificateAuthorities: [readFileSync(plan.vaultCaFile, 'utf8')],
})('any.vault.azure.net');
const { headers: kubeHeaders, dispatcher: kube } = await kubeConfig.credentials();
const server = kubeConfig.serverUrl();

// Whoever started it is gone.
process.once('disconnect', () => process.exit(1));
process.send?.('ready');
await once(process, 'message');
await Promise.all(plan.collections.map(listAndWatch));
await forEachAtOnce(plan.exchanges, plan.atOnce, run);
process.exit();

async function run({ vaultUrl, token, apply, status }: Exchange): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  await read(await send(vaultUrl, { dispatcher: vaults, headers }));
  await write(apply);
  await write(status);
}

async function write({ method, path, accept, contentType, body }: KubeWrite): Promise<void> {
  const headers = { ...kubeHeaders, accept, 'content-type': contentType };
  await read(await send(`${server}${path}`, { dispatcher: kube, method, headers, body }));
}

/** Resolves when everything is listed; the watch goes on, and what it says is thrown away. */
async function listAndWatch({ path, labelSelector, accept }: Collection): Promise<void> {
  const get = (query: Record<string, string>, type: string) =>
    send(`${server}${path}`, {
      dispatcher: kube,
      headers: { ...kubeHeaders, accept: type },
      query: { ...query, ...(labelSelector === undefined ? {} : { labelSelector }) },
      bodyTimeout: 0,
    });
  let page = { resourceVersion: '', continue: '' };
  do {
    const after = page.continue === '' ? {} : { continue: page.continue };
    const text = await read(await get({ limit: String(pageSize), ...after }, accept.list));
    page = listSchema.parse(JSON.parse(text)).metadata;
  } while (page.continue !== '');
  const { resourceVersion } = page;
  const { body } = await get({ watch: 'true', resourceVersion }, accept.watch);
  body.resume();
}

async function read({ statusCode, body }: Dispatcher.ResponseData): Promise<string> {
  const text = await body.text();
  if (statusCode >= 400) throw new Error(`an answer with status ${statusCode}`);
  return text;
}
