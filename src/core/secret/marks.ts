import {
  managedLabel,
  mergeOwnerAnnotation,
  mergeRecordAnnotation,
  ownerAnnotation,
  syncRecordAnnotation,
} from '../../api/meta.ts';

/** By what a Secret is a VaultSecret's, or keys of it are. */
export interface Marks {
  /** Of the VaultSecret. */
  readonly uid: string;
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** On a Secret that is all its own. */
export function wholeMarks(uid: string): Marks {
  return { uid, labels: [managedLabel], annotations: [ownerAnnotation, syncRecordAnnotation] };
}

/** On a Secret of others, whose own the label is. */
export function mergeMarks(uid: string): Marks {
  return {
    uid,
    labels: [],
    annotations: [mergeOwnerAnnotation(uid), mergeRecordAnnotation(uid)],
  };
}
