/** What MariaDB's words about itself mean. */
import type { Node } from '../../topology/topology.ts'
import type { Follower, Look } from './adapter.ts'
import { followerName } from './followers.ts'

export interface Told {
  variables: ReadonlyMap<string, string>
  status: ReadonlyMap<string, string>
  /** Rows of SHOW REPLICA STATUS, none for Galera; undefined where the user may not see them. */
  replica: readonly Record<string, unknown>[] | undefined
}

export function lookIn({ variables, status, replica }: Told): Look {
  const readOnly = variables.get('read_only') === 'ON' || variables.get('super_read_only') === 'ON'
  if (variables.get('wsrep_on') === 'ON') {
    const takesPart = status.get('wsrep_cluster_status') === 'Primary' && status.get('wsrep_ready') === 'ON'
    return {
      role: takesPart && !readOnly ? 'primary' : 'standby',
      accepts: takesPart && !readOnly ? null : false,
      position: status.get('wsrep_last_committed') ?? null,
      timeline: null,
    }
  }
  const standby = readOnly || replica?.some(isFollowing)
  return {
    // Whoever may be a replica for all that its user is told, has no role that we know.
    role: standby ? 'standby' : replica === undefined ? 'unknown' : 'primary',
    accepts: readOnly ? false : null,
    position: variables.get('gtid_current_pos') || variables.get('gtid_executed') || null,
    timeline: null,
  }
}

/** One that was stopped and not reset follows nobody; one that cannot reach its primary still tries to. */
function isFollowing(row: Record<string, unknown>): boolean {
  const word = (name: string) => row[`Replica_${name}`] ?? row[`Slave_${name}`]
  return word('IO_Running') !== 'No' || word('SQL_Running') === 'Yes'
}

/**
 * Those that read its log; of Galera, the other members of its component. Null where the user may not see them.
 * `dumps`: "198.18.0.3:41234" of each connection that reads the log.
 */
export function followersIn(
  { variables, status, dumps }: Told & { dumps: readonly string[] | undefined },
  { node, nodes }: { node: Node; nodes?: readonly Node[] | undefined },
): Follower[] | null {
  const named = (address: string) => followerName({ name: address, address }, nodes)
  if (variables.get('wsrep_on') === 'ON') {
    // An arbitrator has no address of this kind.
    const members = (status.get('wsrep_incoming_addresses') ?? '').split(',').map(hostOf)
    return (
      members
        .filter((address) => address !== '' && address !== 'AUTO')
        // A commit is answered after every member has received it.
        .map((address) => ({ node: named(address), state: 'streaming', sync: 'sync', lagBytes: 0 }))
        .filter((member) => member.node !== node.name)
    )
  }
  if (dumps === undefined) return null
  // How many of them confirm, and not which: only if all do it can be said of each.
  const confirming = Number(status.get('Rpl_semi_sync_master_clients') ?? 0)
  const isSync = status.get('Rpl_semi_sync_master_status') === 'ON' && confirming >= dumps.length
  return dumps.map((dump) => ({
    node: named(hostOf(dump)),
    state: 'streaming',
    sync: isSync ? 'sync' : 'async',
    lagBytes: null,
  }))
}

function hostOf(address: string): string {
  return address.trim().replace(/:\d+$/, '')
}

/** A place in the primary's log. */
export interface LogPosition {
  file: string
  at: number
}

/**
 * How much of the primary's log, in bytes, a replica has not received. Null across two files, and where it does not say.
 * `end` is asked first, so that what comes in between is not counted against the replica.
 */
export function lagBytes(replica: Record<string, unknown> | undefined, { file, at }: LogPosition): number | null {
  const received = Number(replica?.['Read_Master_Log_Pos'] ?? replica?.['Read_Source_Log_Pos'] ?? Number.NaN)
  const of = replica?.['Master_Log_File'] ?? replica?.['Source_Log_File']
  return of !== file || Number.isNaN(received) ? null : Math.max(0, at - received)
}
