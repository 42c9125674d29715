/** Looks up which node has which role in a world now. */
import type { Engine } from '../engine/engine.ts'
import { dcsLeader } from '../stack/etcd.ts'
import type { Roles } from '../topology/resolve.ts'
import { nodesOf, type Topology } from '../topology/topology.ts'
import { activeRouter } from '../world/active-router.ts'

/** `primary`: the database that accepts writes, as the observers show it. */
export async function rolesNow(
  { engine, topology }: { engine: Engine; topology: Topology },
  primary: string | undefined,
): Promise<Roles> {
  const [leader, router] = await Promise.all([dcsLeader(topology), activeRouter(engine, topology)])
  return {
    primary: nodesOf(topology, 'database').find((node) => node.name === primary),
    dcsLeader: leader,
    activeRouter: router,
  }
}
