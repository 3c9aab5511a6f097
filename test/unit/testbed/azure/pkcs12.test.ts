import { Buffer } from 'node:buffer';
import { createDecipheriv, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { nodeAt, readDer, type DerNode } from '../../../support/derTree.ts';
import { at } from '../../../support/standInWorld.ts';
import { issueCertificate } from '../../../testbed/azure/certificateMaterial.ts';
import { createCertificateSchema } from '../../../testbed/azure/certificatePolicy.ts';
import { deriveBytes, purposes } from '../../../testbed/azure/pkcs12Derivation.ts';

/** What Key Vault wrote in November 2022. */
const recorded = recordedPfx();

function recordedPfx(): Buffer {
  const file = join(import.meta.dirname, '../../../contract/recorded/key-vault.jsonl');
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const exchange: unknown = line === '' ? undefined : JSON.parse(line);
    if (at(exchange, 'kind') !== 'get-certificate-backed-pfx') continue;
    return Buffer.from(String(at(exchange, 'response', 'body', 'value')), 'base64');
  }
  throw new Error('no PFX is recorded');
}

function ourPfx(kty: string): Buffer {
  const { policy } = createCertificateSchema.parse({
    policy: { key_props: { kty }, x509_props: { subject: 'CN=MyCert' }, issuer: { name: 'Self' } },
  });
  return issueCertificate(policy, 0).pfx;
}

const tags = { octetString: 0x04, objectIdentifier: 0x06, bmpString: 0x1e };
const windowsName = 'Microsoft Enhanced RSA and AES Cryptographic Provider';

/** Everything but what is random: keys, salts, names, certificates. */
function shapeOf({ tag, content, children }: DerNode): unknown {
  if (tag === tags.objectIdentifier) return `object ${content.toString('hex')}`;
  if (tag === tags.bmpString) {
    const text = Buffer.from(content).swap16().toString('utf16le');
    return text === windowsName ? text : `text of ${text.length}`;
  }
  return children.length === 0 ? tag : [tag, ...children.map(shapeOf)];
}

function decrypted(algorithm: DerNode, encrypted: Buffer): DerNode {
  const salt = nodeAt(algorithm, 1, 0).content;
  const key = deriveBytes(purposes.key, salt, 24);
  const decipher = createDecipheriv('des-ede3-cbc', key, deriveBytes(purposes.iv, salt, 8));
  return readDer(Buffer.concat([decipher.update(encrypted), decipher.final()]));
}

function partsOf(pfx: Buffer) {
  const file = readDer(pfx);
  const safe = nodeAt(file, 1, 1, 0);
  const contents = readDer(safe.content);
  const keys = readDer(nodeAt(contents, 0, 1, 0).content);
  const shrouded = nodeAt(keys, 0, 1, 0);
  const info = nodeAt(contents, 1, 1, 0, 1);
  return {
    mac: nodeAt(file, 2),
    safe: safe.content,
    contents,
    keys,
    key: decrypted(nodeAt(shrouded, 0), nodeAt(shrouded, 1).content),
    certificates: decrypted(nodeAt(info, 1), nodeAt(info, 2).content),
  };
}

describe('a PFX with an RSA key has the shape of the recorded one', () => {
  const [theirs, ours] = [partsOf(recorded), partsOf(ourPfx('RSA'))];

  test('around its parts', () => {
    expect(shapeOf(ours.contents)).toEqual(shapeOf(theirs.contents));
    expect(shapeOf(ours.mac)).toEqual(shapeOf(theirs.mac));
    expect(nodeAt(ours.mac, 1).content).toHaveLength(nodeAt(theirs.mac, 1).content.length);
  });

  test('in the key, its names and its mark', () => {
    expect(shapeOf(ours.keys)).toEqual(shapeOf(theirs.keys));
    expect(shapeOf(ours.key)).toEqual(shapeOf(theirs.key));
    expect(nodeAt(ours.key, 3).content).toEqual(nodeAt(theirs.key, 3).content);
  });

  test('around the certificate, with the id of the key', () => {
    const bag = (certificates: DerNode): unknown => [
      shapeOf(nodeAt(certificates, 0, 0)),
      shapeOf(nodeAt(certificates, 0, 1)),
      nodeAt(certificates, 0, 2).content,
    ];

    expect(bag(ours.certificates)).toEqual(bag(theirs.certificates));
  });

  test('in the empty password, which has zero bytes', () => {
    for (const { mac, safe } of [theirs, ours]) {
      const key = deriveBytes(purposes.mac, nodeAt(mac, 1).content, 20);
      expect(createHmac('sha1', key).update(safe).digest()).toEqual(nodeAt(mac, 0, 1).content);
    }
  });
});

test('a PFX with an EC key pairs it with its certificate, and says nothing of RSA', () => {
  const { keys, certificates } = partsOf(ourPfx('EC'));
  const [id, ...names] = nodeAt(keys, 0, 2).children;

  expect(id?.content).toEqual(nodeAt(certificates, 0, 2, 0).content);
  expect(JSON.stringify(names.map(shapeOf))).not.toContain(windowsName);
});
