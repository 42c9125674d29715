/** The line of shell that ends a process and all that it has started, on the machine of the engine. */

/**
 * Only if the process is one of the container: its id may be another's by now. It stands still first, so that it starts
 * nothing more while its children are found.
 */
export function killTree(pid: number, containerId: string): string {
  const tree =
    'tree() { kill -STOP $1; for each in $(cat /proc/$1/task/*/children); do tree $each; done; all="$all $1"; }'
  return `${tree}; all=; grep -q ${containerId} /proc/${pid}/cgroup && tree ${pid} 2>/dev/null; [ -z "$all" ] || kill -9 $all || true`
}
