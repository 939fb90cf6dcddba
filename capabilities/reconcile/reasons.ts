/**
 * Every reason that a claim may be told: the phase that it puts the claim in, what it means and what to do. The tables for people are
 * made of this one (`npm run docs`). `Provisioning` passes by itself; `Pending` waits for something that may come; `Failed` needs
 * someone to act.
 */
import type { Phase } from "../claim/claim";

export type Explanation = {
  readonly phase: Phase;
  readonly meaning: string;
  /** What to do; for nobody has to where all is well. */
  readonly remedy?: string;
};

export const explanations = {
  Available: { phase: "Ready", meaning: "The database and the connection Secret are there." },
  DatabaseHealthy: {
    phase: "Ready",
    meaning:
      "The operator says that the database is healthy, and it is as the claim asks for it now.",
  },
  SecretWritten: {
    phase: "Ready",
    meaning: "The connection Secret holds the current credentials.",
  },
  SecretNotRequested: {
    phase: "Ready",
    meaning: "The claim asks for no connection Secret: the operator's own is the one to use.",
  },
  PoolerActive: { phase: "Ready", meaning: "The operator has made the pooler." },
  MonitoringActive: { phase: "Ready", meaning: "Prometheus is told where the metrics are." },
  ExtensionsApplied: { phase: "Ready", meaning: "The extensions are as asked for." },
  VolumeLarger: {
    phase: "Ready",
    meaning: "Someone has made a volume larger than the claim asks for. It stays so.",
  },
  AccessGranted: { phase: "Ready", meaning: "The logins of `spec.access` can be used." },
  BackedUp: { phase: "Ready", meaning: "The last backup was made in time, and could be read." },
  BackupScheduled: { phase: "Ready", meaning: "The first backup is not due yet." },
  BackupsPaused: {
    phase: "Ready",
    meaning: "The database sleeps, so that no backups are made. Those that are there stay.",
  },
  RestoreSucceeded: { phase: "Ready", meaning: "The database is as it was in the backup." },
  Provisioning: {
    phase: "Provisioning",
    meaning: "The operator is at work. The message has its words.",
    remedy: "Wait; `kubectl describe cluster NAME` if it takes minutes.",
  },
  DatabaseUpdating: {
    phase: "Provisioning",
    meaning: "The operator was told of a change and has not answered yet.",
    remedy: "Wait.",
  },
  DatabaseKept: {
    phase: "Failed",
    meaning: "An earlier claim of this name has left its database, as its `deletionPolicy` said.",
    remedy: "Take it over, or delete it: [deleting.md](deleting.md#a-database-that-was-kept).",
  },
  DatabaseDiffers: {
    phase: "Failed",
    meaning: "The claim is to take over a database that differs from what it asks for.",
    remedy: "Write into the claim what the message says, or make it again with that.",
  },
  Unblocked: {
    phase: "Provisioning",
    meaning: "The module has removed what an earlier spec had left in the way. The event names it.",
    remedy: "Wait: the operator starts again.",
  },
  CredentialsPending: {
    phase: "Provisioning",
    meaning: "The operator has not made the credentials yet.",
    remedy: "Wait.",
  },
  PoolerPending: {
    phase: "Provisioning",
    meaning: "The operator has not made the pooler yet. The message has its words.",
    remedy: "Wait.",
  },
  MonitoringPending: {
    phase: "Provisioning",
    meaning: "The PodMonitor is made once the database is there.",
    remedy: "Wait.",
  },
  ExtensionsPending: {
    phase: "Provisioning",
    meaning: "The operator has not applied the extensions yet.",
    remedy: "Wait.",
  },
  AccessPending: {
    phase: "Provisioning",
    meaning: "A login of `spec.access` is being made, or closed.",
    remedy: "Wait.",
  },
  BackupPending: {
    phase: "Provisioning",
    meaning: "Backups are set up once the database is there.",
    remedy: "Wait.",
  },
  RestorePending: {
    phase: "Provisioning",
    meaning: "The backup is put back once the database is healthy.",
    remedy: "Wait.",
  },
  RestoreRunning: {
    phase: "Provisioning",
    meaning: "What is there is backed up, and the backup is put back.",
    remedy: "Wait; the message has the command for the log.",
  },
  DatabaseDeleting: {
    phase: "Provisioning",
    meaning: "An earlier database of this name is being deleted.",
    remedy: "Wait.",
  },
  VolumeGrowing: {
    phase: "Provisioning",
    meaning: "A volume is growing to what `storageGB` asks for. The database runs meanwhile.",
    remedy: "Wait.",
  },
  CredentialsNotFound: {
    phase: "Pending",
    meaning: "The Secret in `spec.credentialsSecretName` is not there.",
    remedy: "Create it, or see what keeps its ExternalSecret.",
  },
  InstanceNotReady: {
    phase: "Provisioning",
    meaning: "The instance that holds the database is not ready. The message says why.",
    remedy: "Wait; `kubectl describe pgi NAME` for the instance.",
  },
  InstanceNotFound: {
    phase: "Pending",
    meaning: "The PostgresInstance in `spec.instanceRef` is not there, or is being deleted.",
    remedy: "Create it. The claim goes on by itself.",
  },
  NotShared: {
    phase: "Pending",
    meaning: "The instance does not share itself with the claim's namespace.",
    remedy: "Its owner sets `spec.share`. The claim goes on by itself.",
  },
  InstanceFull: {
    phase: "Pending",
    meaning: "The instance holds as many databases as its class allows.",
    remedy: "Name another instance, or delete a claim that is not needed.",
  },
  OperatorNotInstalled: {
    phase: "Pending",
    meaning: "The operator's CRDs are not in the cluster.",
    remedy: "Ask the platform team. The claim goes on by itself within seconds.",
  },
  MonitoringNotInstalled: {
    phase: "Pending",
    meaning: "The Prometheus operator's CRDs are not in the cluster.",
    remedy: "Ask the platform team. The claim goes on by itself within seconds.",
  },
  NamespaceNotFound: {
    phase: "Pending",
    meaning: "The namespace of the connection Secret is not there, or is being deleted.",
    remedy: "Create it, or change the ref.",
  },
  ClassNotFound: {
    phase: "Pending",
    meaning: "The claim's class is gone. What exists is left as it is.",
    remedy: "Create the class again. The claim goes on by itself.",
  },
  Hibernated: {
    phase: "Pending",
    meaning:
      'The database sleeps, by `spec.hibernate` or by the annotation `cnpg.io/hibernation: "on"`.',
    remedy: 'Set `spec.hibernate: false`, or the annotation to `"off"`.',
  },
  OperatorSilent: {
    phase: "Pending",
    meaning: "The operator has not acted on the database's object yet.",
    remedy: "Check that the operator runs and watches the namespace.",
  },
  QuotaExceeded: {
    phase: "Pending",
    meaning: "A ResourceQuota leaves no room for a pod of the database.",
    remedy: "Ask for a smaller size, or for a larger quota.",
  },
  Unschedulable: {
    phase: "Pending",
    meaning: "No node takes a pod of the database.",
    remedy: "Ask for a smaller size, add nodes, or change `placement` in the class.",
  },
  StorageClassNotFound: {
    phase: "Pending",
    meaning: "The volume's StorageClass is not there, or there is no default one.",
    remedy: "Make it, or name another in the class.",
  },
  VolumePending: {
    phase: "Pending",
    meaning: "The provisioner has neither made the volume nor said why.",
    remedy: "Check that the provisioner runs.",
  },
  VolumeProvisioningFailed: {
    phase: "Failed",
    meaning: "The provisioner cannot make the volume.",
    remedy: "The platform team mends what the message names.",
  },
  VolumeMountFailed: {
    phase: "Failed",
    meaning: "A node cannot prepare a pod, most often for want of its volume.",
    remedy: "The platform team mends what the message names.",
  },
  PodRefused: {
    phase: "Failed",
    meaning: "PodSecurity, a LimitRange or a webhook forbids the pods of the database.",
    remedy: "The platform team allows what the message names.",
  },
  VolumeCannotGrow: {
    phase: "Failed",
    meaning: "The StorageClass does not let the volume grow. The database runs with what it has.",
    remedy: "Set `allowVolumeExpansion: true` on the StorageClass, if its driver can.",
  },
  ImagePullFailed: {
    phase: "Failed",
    meaning: "The image of PostgreSQL cannot be pulled.",
    remedy: "Correct `image` in the class, or the nodes' access to the registry.",
  },
  ContainerFailing: {
    phase: "Failed",
    meaning: "A container does not start, or keeps ending (`OOMKilled`).",
    remedy:
      "Ask for a larger size if memory is short; else the message has the command for the logs.",
  },
  UpgradeFailed: {
    phase: "Failed",
    meaning: "The upgrade to a higher `version` failed. The data is as it was.",
    remedy: "Read the Job's log, then set `spec.version` back: the database starts again.",
  },
  OperatorFailed: {
    phase: "Failed",
    meaning: "The operator could not make the database, or change it. The message has its words.",
    remedy: "Mend what the message names; the operator tries again by itself.",
  },
  CredentialsInvalid: {
    phase: "Failed",
    meaning:
      "The Secret that the claim brings is not `kubernetes.io/basic-auth`, a key is empty, or its username is no role.",
    remedy: "The message says what to mend.",
  },
  OwnerMismatch: {
    phase: "Failed",
    meaning: "The username in that Secret is not the owner of the database.",
    remedy: "Put the owner's name there, exactly.",
  },
  Invalid: {
    phase: "Failed",
    meaning: "The claim breaks a rule that is newer than itself. What exists is left as it is.",
    remedy: "The message says what to write instead.",
  },
  NameTaken: {
    phase: "Failed",
    meaning: "Another database or role of the instance has the name.",
    remedy: "Make a claim with other names: `spec.databaseName`, `spec.owner`.",
  },
  NotOwned: {
    phase: "Failed",
    meaning: "An object of the needed name is someone else's. It was left as it is.",
    remedy: "Remove it, or use another name. The claim goes on by itself.",
  },
  DatabaseInvalid: {
    phase: "Failed",
    meaning: "The operator refuses the definition. The message has its words.",
    remedy: "Mend what it names.",
  },
  DatabaseFailed: {
    phase: "Failed",
    meaning: "The operator cannot go on by itself. The message has its words.",
    remedy: "`kubectl describe cluster NAME`.",
  },
  PoolerFailed: {
    phase: "Failed",
    meaning: "The operator cannot make the pooler. The message has its words.",
    remedy: "`kubectl describe pooler NAME-pooler`.",
  },
  MonitoringFailed: {
    phase: "Failed",
    meaning: "The API server refuses the PodMonitor. The message has its words.",
    remedy: "Mend what it names.",
  },
  ExtensionsFailed: {
    phase: "Failed",
    meaning: "PostgreSQL or the operator refuses an extension. The message has its words.",
    remedy: "Use an image that has it, or take it out of the claim.",
  },
  AccessFailed: {
    phase: "Failed",
    meaning:
      "A login of `spec.access` could not be made, or its rights not be granted. The message says why.",
    remedy: "Mend what the message names. The database itself is not concerned.",
  },
  BackupFailed: {
    phase: "Failed",
    meaning: "The last backup failed. The message has its words. Earlier ones stay.",
    remedy: "Mend what it names; the next one is made by the schedule, or `backup NAME` makes one.",
  },
  BackupOverdue: {
    phase: "Failed",
    meaning: "No backup has been made for more than one and a half of its periods.",
    remedy: "Check that the cluster's CronJobs run: `kubectl describe cronjob NAME-backup`.",
  },
  RestoreFailed: {
    phase: "Failed",
    meaning: "The backup could not be put back. The database is as it was before.",
    remedy: "Mend what the message names, take `spec.restore` out, and ask for it again.",
  },
  WriteFailed: {
    phase: "Failed",
    meaning: "The API server refused or did not answer. It is tried again, up to 5 minutes apart.",
    remedy: "The message has its words.",
  },
  Deleting: {
    phase: "Deleting",
    meaning: "The claim's connection Secret could not be removed yet.",
    remedy: "The message says why.",
  },
} as const satisfies Readonly<Record<string, Explanation>>;

export type Reason = keyof typeof explanations;

export function isReason(word: string): word is Reason {
  return Object.hasOwn(explanations, word);
}

/** The phase that a reason puts the claim in. */
export function phaseOf(reason: Reason): Phase {
  return explanations[reason].phase;
}
