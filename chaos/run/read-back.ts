/** The audit of a trial: whoever reads what is stored does it now, and what must hold for it is asked. */
import type { Engine } from '../engine/engine.ts'
import type { EventOf, Recorder } from '../journal/schema.ts'
import type { Topology } from '../topology/topology.ts'
import type { WorldFile } from '../worldfile/schema.ts'
import { auditDatabases } from './audit.ts'
import { readInvariants } from './audit-invariants.ts'
import { auditByCommand, auditByHttp } from './audit-others.ts'

interface Options {
  engine: Engine
  world: string
  topology: Topology
  /** What a world file says, where one made the world. */
  plan: WorldFile | undefined
  /** Who reads, as the journal says. */
  auditors: EventOf<'trial.opened'>['audit']
  trialId: string
  /** Numbers of all writes that clients sent. */
  writes: readonly number[]
  /** How many of them were acknowledged. */
  acknowledged: number
  primary: string | undefined
  record: Recorder
  nowMs: () => number
  signal: AbortSignal
}

/** Records what is stored; nothing where a world file does not say how it is read. */
export async function readBack(options: Options): Promise<void> {
  const { plan, auditors, topology, record, nowMs } = options
  const reader = plan?.audit?.writes
  if (plan !== undefined && reader === undefined) return
  if (reader !== undefined && 'http' in reader) await auditByHttp({ ...options, http: reader.http })
  else if (reader !== undefined && 'command' in reader) await auditByCommand({ ...options, command: reader.command })
  else await auditDatabases({ ...options, names: auditors?.nodes })
  // Where SQL reads the writes, it has asked for the invariants at the same moment.
  if (reader === undefined || 'sql' in reader) return
  for (const answer of await readInvariants(topology, nowMs)) record(answer)
}
