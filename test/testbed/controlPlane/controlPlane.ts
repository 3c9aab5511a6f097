/** A running API server and what belongs to it. */
export interface ControlPlane {
  /** Where it comes from, for messages. */
  readonly origin: string;
  /** Of an administrator. */
  readonly kubeconfig: string;
  /** Its garbage collector ran before the CRDs were there, and may not know of them for a while. */
  readonly collectsLate: boolean;
  /** Where each write is recorded; only where we start the API server ourselves. */
  readonly auditLog?: string;
  /** What `down` ends: processes by pid, a container by name. */
  readonly pids: readonly number[];
  readonly container?: string;
  /** Lets our process end without it. */
  release(): void;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Absolute. Everything that belongs to it is written below. */
  readonly directory: string;
  readonly log: (line: string) => void;
  /** Told of what was started, so that nothing outlives us by accident. */
  readonly onProcess: (pid: number) => void;
  readonly onContainer: (name: string) => void;
  /** Serves pods, too; only where we start the control plane ourselves. */
  readonly forPods?: boolean;
  /**
   * Runs as soon as the API server answers and before kube-controller-manager starts: its garbage
   * collector looks for new resource types only every 30 seconds, so CRDs must be there before it.
   */
  readonly prepare: (kubeconfig: string) => Promise<void>;
}
