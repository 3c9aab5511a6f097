#!/usr/bin/env bash
# Version:   @azure/eventgrid 5.12.0
# Belief:    data of KeyVaultSecretNewVersionCreatedEventData has the fields that the type of the
#            package names: id, vaultName, objectName, version, exp.
# Behaviour: the deserializer checks the envelope only and leaves data as sent. Key Vault sends Id,
#            VaultName, ObjectName (learn.microsoft.com, "Azure Key Vault as Event Grid source"), so
#            each field that compiles is undefined.
# Seen:      objectName undefined, ObjectName "newsecret"; the type file has objectName only
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @azure/eventgrid@5.12.0
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import { EventGridDeserializer } from '@azure/eventgrid';

const event = {
  id: '1',
  topic: '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v',
  subject: 'newsecret',
  eventType: 'Microsoft.KeyVault.SecretNewVersionCreated',
  eventTime: '2026-12-01T00:00:00Z',
  data: {
    Id: 'https://v.vault.azure.net/secrets/newsecret/0',
    VaultName: 'v',
    ObjectType: 'Secret',
    ObjectName: 'newsecret',
    Version: '0',
  },
  dataVersion: '1',
  metadataVersion: '1',
};
const [read] = await new EventGridDeserializer().deserializeEventGridEvents([event]);
console.log({ objectName: read.data.objectName, ObjectName: read.data.ObjectName });
assert.equal(read.data.objectName, undefined);
assert.equal(read.data.ObjectName, 'newsecret');
EOF
node show.mjs
types=$(find node_modules/@azure/eventgrid -name '*.d.ts' -exec cat {} + |
  sed -n '/interface KeyVaultSecretNewVersionCreatedEventData /,/^}/p' | grep -o '[A-Za-z]*: ' | sort -u | tr -d '\n')
echo "fields of the type: $types"
case $types in *objectName:*) ;; *) exit 1 ;; esac
case $types in *ObjectName:*) exit 1 ;; esac
