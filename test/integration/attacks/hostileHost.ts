import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createCertificateAuthority } from '../../testbed/azure/certificateAuthority.ts';

/** Names under which it listens, besides the vaults of a cloud that the stand-in does not serve. */
export const evilHost = 'evil.example.com';
const hostileNames = [evilHost, `*.${evilHost}`, '*.vault.azure.cn'];

export interface SeenRequest {
  readonly host: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface HostileAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when it is text. */
  readonly body?: unknown;
}

/**
 * A host in somebody else's hands under names that the API server takes for vaults, with a certificate
 * that the controller trusts: nothing but the controller's own care keeps a token from it.
 */
export interface HostileHost {
  /** Flags that lead a controller to it. */
  readonly args: readonly string[];
  readonly requests: readonly SeenRequest[];
  /** Where nothing is encrypted. */
  readonly plainUrl: string;
  /** Connections to `plainUrl`, whatever came over them. */
  readonly plainConnections: () => number;
  /** Per host; the others answer 404. */
  readonly answers: Map<string, (request: SeenRequest) => HostileAnswer>;
  /** Hosts that show the certificate of another name. */
  readonly impostors: Map<string, string>;
  close(): Promise<void>;
}

export async function startHostileHost(): Promise<HostileHost> {
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-hostile-'));
  const authority = createCertificateAuthority('a CA that the controller trusts');
  const caFile = join(directory, 'ca.crt');
  await writeFile(caFile, authority.certificatePem);
  const requests: SeenRequest[] = [];
  const answers: HostileHost['answers'] = new Map();
  const impostors: HostileHost['impostors'] = new Map();

  const server = createServer(
    {
      ...authority.leaf('localhost'),
      SNICallback: (name, done) => done(null, authority.secureContext(impostors.get(name) ?? name)),
    },
    (request, response) => {
      seen(request).then(
        (one) => {
          requests.push(one);
          const {
            status,
            headers = {},
            body = '',
          } = answers.get(one.host)?.(one) ?? {
            status: 404,
          };
          response.writeHead(status, { ...headers });
          response.end(typeof body === 'string' ? body : JSON.stringify(body));
        },
        () => response.destroy(),
      );
    },
  );
  let plainConnections = 0;
  const plain = createHttpServer((_request, response) => response.writeHead(200).end());
  plain.on('connection', () => (plainConnections += 1));
  const [port, plainPort] = await Promise.all([listen(server), listen(plain)]);

  return {
    args: [
      ...hostileNames.map((name) => `--resolve=${name}=127.0.0.1:${port}`),
      `--ca-file=${caFile}`,
    ],
    requests,
    plainUrl: `http://127.0.0.1:${plainPort}`,
    plainConnections: () => plainConnections,
    answers,
    impostors,
    async close() {
      for (const one of [server, plain]) {
        one.close();
        one.closeAllConnections();
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function seen(request: IncomingMessage): Promise<SeenRequest> {
  const { host = '', authorization } = request.headers;
  return {
    host: host.split(':', 1)[0] ?? '',
    path: request.url ?? '',
    authorization,
    body: await text(request),
  };
}

async function listen(server: Server | ReturnType<typeof createHttpServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
