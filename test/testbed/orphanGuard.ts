import { spawn } from 'node:child_process';

/**
 * Ends processes and containers, and removes a folder, when we die in whatever way, also by SIGKILL, which no handler of
 * ours can see.
 */
export interface OrphanGuard {
  watch(pid: number): void;
  watchContainer(name: string): void;
  /** One; it goes after the processes that may write into it. */
  watchFolder(path: string): void;
  /** The process is gone: its pid may belong to somebody else by now. */
  forget(pid: number): void;
  /** Ends the guard, and resolves when that is done; what it still watches lives on. */
  release(): Promise<void>;
}

/** Waits on a pipe that the kernel closes with us. A shell, because it costs a hundredth of a Node. */
const script = `
pids=' ' containers= folder=
while read -r line; do
  case $line in
    +*) pids="$pids\${line#+} " ;;
    -*) gone=\${line#-}; pids="\${pids%% $gone *} \${pids#* $gone }" ;;
    container:*) containers="$containers \${line#container:}" ;;
    folder:*) folder=\${line#folder:} ;;
    release) exit 0 ;;
  esac
done
for pid in $pids; do kill -KILL "$pid"; done
[ -z "$containers" ] || docker rm --force --volumes $containers
for try in 1 2 3 4 5; do
  [ -e "$folder" ] || break
  rm -rf "$folder"
  sleep 0.2
done
`;

export function startOrphanGuard(): OrphanGuard {
  const guard = spawn('/bin/sh', ['-c', script], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl-C in a terminal must not end the guard before it has done its work.
    detached: true,
  });
  guard.unref();
  const ended = new Promise<void>((resolve) => guard.once('close', () => resolve()));
  // A guard that somebody killed is no reason to fail.
  guard.stdin.on('error', () => {});
  const say = (line: string): void => {
    if (guard.stdin.writable) guard.stdin.write(`${line}\n`);
  };
  return {
    watchContainer: (name) => say(`container:${name}`),
    watchFolder: (path) => say(`folder:${path}`),
    watch: (pid) => say(`+${pid}`),
    forget: (pid) => say(`-${pid}`),
    release() {
      guard.ref();
      say('release');
      guard.stdin.end();
      return ended;
    },
  };
}
