import {
  fieldManagerOf,
  managedLabel,
  ownerAnnotation,
  syncRecordAnnotation,
} from '../../src/api/meta.ts';
import type { KubeClient } from '../testbed/kubeClient.ts';
import { secrets } from '../testbed/kubeResources.ts';
import type { Synced } from './syncedVaultSecret.ts';

/** Something that somebody else does to a Secret of ours. */
export interface ForeignChange {
  readonly what: string;
  readonly act: (kube: KubeClient, synced: Synced) => Promise<unknown>;
  /** Answers to the writes that repair it. */
  readonly repair: readonly number[];
  /** Nothing tells it from a write of ours, once the process that made ours is gone. */
  readonly isBelievedAfterRestart?: true;
}

/** What `changes` presume. */
export const target = { labels: { team: 'shop' }, annotations: { 'example.com/tier': 'gold' } };

export const foreignValue = Buffer.from('foreign').toString('base64');
const value = { data: { PASSWORD: foreignValue } };
const surplus = { data: { SURPLUS: foreignValue } };

/** Without force, as long as nobody owns what is ours. */
const plain = [200];
const forced = [409, 200];
const pruned = [200, 200];

type Act = ForeignChange['act'];

export const merge =
  (patch: object): Act =>
  (kube, { at }) =>
    kube.mergePatch(secrets, at, patch);

export const applied =
  (fields: object): Act =>
  (kube, { at }) =>
    kube.apply(secrets, { metadata: at, ...fields }, 'rival');

const labelled = (labels: object): Act => merge({ metadata: { labels } });
const annotated = (annotations: object): Act => merge({ metadata: { annotations } });

const mergeInOurName: Act = (kube, { at, vaultSecret }) =>
  kube.send({
    method: 'PATCH',
    path: `/api/v1/namespaces/${at.namespace}/secrets/${at.name}`,
    query: { fieldManager: fieldManagerOf(vaultSecret.metadata.uid) },
    contentType: 'application/merge-patch+json',
    body: value,
  });

const applyInOurName: Act = async (kube, { at, vaultSecret }) => {
  const { metadata, type } = await kube.get(secrets, at);
  const { labels, annotations, ownerReferences } = metadata;
  const object = { metadata: { ...at, labels, annotations, ownerReferences }, type, ...value };
  return kube.apply(secrets, object, fieldManagerOf(vaultSecret.metadata.uid));
};

/** All of our entry in managedFields but this key goes, and with it what nobody else owns. */
const applyValueInOurName: Act = (kube, { at, vaultSecret }) =>
  kube.apply(secrets, { metadata: at, ...value }, fieldManagerOf(vaultSecret.metadata.uid));

const replace: Act = async (kube, { at }) => {
  const path = `/api/v1/namespaces/${at.namespace}/secrets/${at.name}`;
  const data = { PASSWORD: foreignValue, SURPLUS: foreignValue };
  return kube.send({ method: 'PUT', path, body: { ...(await kube.get(secrets, at)), data } });
};

export const changes: readonly ForeignChange[] = [
  { what: 'patches a value', act: merge(value), repair: forced },
  { what: 'applies a value with force', act: applied(value), repair: forced },
  {
    what: 'applies a value as stringData',
    act: applied({ stringData: { PASSWORD: 'foreign' } }),
    repair: plain,
  },
  { what: 'replaces the whole Secret', act: replace, repair: [409, 200, 200] },
  { what: 'adds a key by patch', act: merge(surplus), repair: pruned },
  { what: 'adds a key by apply', act: applied(surplus), repair: pruned },
  {
    what: 'adds a key by an apply of stringData',
    act: applied({ stringData: { SURPLUS: 'foreign' } }),
    repair: pruned,
  },
  { what: 'removes a key', act: merge({ data: { PASSWORD: null } }), repair: plain },
  { what: 'removes all keys', act: merge({ data: null }), repair: plain },
  { what: 'removes our label', act: labelled({ [managedLabel]: null }), repair: plain },
  { what: 'changes our label', act: labelled({ [managedLabel]: 'no' }), repair: forced },
  {
    what: 'removes the owner annotation',
    act: annotated({ [ownerAnnotation]: null }),
    repair: plain,
  },
  {
    what: 'removes the sync record',
    act: annotated({ [syncRecordAnnotation]: null }),
    repair: plain,
  },
  {
    what: 'spoils the sync record',
    act: annotated({ [syncRecordAnnotation]: '{"render":' }),
    repair: forced,
  },
  {
    what: 'empties the sync record',
    act: annotated({ [syncRecordAnnotation]: '{}' }),
    repair: forced,
  },
  {
    what: 'removes our label and annotations together',
    act: merge({
      metadata: {
        labels: { [managedLabel]: null },
        annotations: { [ownerAnnotation]: null, [syncRecordAnnotation]: null },
      },
    }),
    repair: plain,
  },
  {
    what: 'spoils the owner annotation',
    act: annotated({ [ownerAnnotation]: 'elsewhere/app' }),
    repair: forced,
  },
  {
    what: 'applies nothing but a value in our name',
    act: applyValueInOurName,
    repair: plain,
  },
  {
    what: 'removes the owner reference',
    act: merge({ metadata: { ownerReferences: null } }),
    repair: plain,
  },
  { what: "changes a label of the target's", act: labelled({ team: 'rival' }), repair: forced },
  { what: "removes a label of the target's", act: labelled({ team: null }), repair: plain },
  {
    what: "changes an annotation of the target's",
    act: annotated({ 'example.com/tier': 'tin' }),
    repair: forced,
  },
  {
    what: "removes an annotation of the target's",
    act: annotated({ 'example.com/tier': null }),
    repair: plain,
  },
  {
    what: 'wipes managedFields and changes a value',
    act: merge({ metadata: { managedFields: [{}] }, ...value }),
    repair: forced,
  },
  { what: 'patches a value in our name', act: mergeInOurName, repair: forced },
  {
    what: 'applies a value in our name',
    act: applyInOurName,
    repair: plain,
    isBelievedAfterRestart: true,
  },
  { what: 'deletes it', act: (kube, { at }) => kube.delete(secrets, at), repair: [201] },
];
