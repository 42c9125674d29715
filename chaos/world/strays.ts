/**
 * Who tried to reach a port that no link carries. The links of a generated world note it: on one machine the connection
 * would have worked, and here it is refused, which is hard to guess from inside.
 */
import { z } from 'zod'
import type { Container, Engine } from '../engine/engine.ts'
import { toxiproxyOf } from '../stack/toxiproxy.ts'
import { nodesOf, type Topology } from '../topology/topology.ts'

/** What `nft -j list set` answers; an element is the source, the address that was tried, and its port. */
const answerSchema = z.object({
  nftables: z.array(z.looseObject({ set: z.looseObject({ elem: z.array(z.unknown()).optional() }).optional() })),
})
const triedSchema = z.object({ concat: z.tuple([z.string(), z.string(), z.number()]) })
type Tried = z.infer<typeof triedSchema>['concat']

/** A sentence each: `api-2 tried db-1:5433, which no link carries: add it to "ports"`. */
export async function straysIn(engine: Engine, topology: Topology): Promise<string[]> {
  const links = nodesOf(topology, 'link').filter((link) => link.attributes['link.via'] === 'proxy')
  if (links.length === 0) return []
  const containers = await engine.containers(topology.world)
  const lines = await Promise.all(
    links.map(async (link) => {
      const its = containers.find(({ service, state }) => service === link.name && state === 'running')
      if (!its) return []
      const tried = await triedAt(engine, its)
      if (tried.length === 0) return []
      const proxies = Object.values(await toxiproxyOf(link).getAll())
      const behind = new Map(proxies.map(({ listen, upstream }) => [hostOf(listen), nodeOf(upstream)]))
      return tried.map(([from, to, port]) => strayWords(nameAt(from, containers), behind.get(to) ?? to, port))
    }),
  )
  return [...new Set(lines.flat())].toSorted()
}

function strayWords(from: string, to: string, port: number): string {
  return `${from} tried ${to}:${port}, which no link carries: add it to "ports" in blackstart.yaml, as ${to}: [${port}]`
}

/** Nothing where the link's netfilter does not answer. */
async function triedAt(engine: Engine, link: Container): Promise<Tried[]> {
  const command = ['nft', '-j', 'list', 'set', 'inet', 'strays', 'tried']
  const said = await engine.exec(link, command, { user: 'root' }).catch(() => undefined)
  if (said === undefined) return []
  const { nftables } = answerSchema.parse(JSON.parse(said))
  return nftables
    .flatMap(({ set }) => set?.elem ?? [])
    .flatMap((element) => {
      const { data } = triedSchema.safeParse(element)
      return data ? [data.concat] : []
    })
}

function nameAt(address: string, containers: readonly Container[]): string {
  return containers.find(({ addresses }) => addresses.includes(address))?.service ?? address
}

/** "198.18.0.7:3000" → "198.18.0.7". */
function hostOf(listen: string): string {
  return listen.slice(0, listen.lastIndexOf(':'))
}

/** "db-1.direct:5432" → "db-1". */
function nodeOf(upstream: string): string {
  return upstream.slice(0, upstream.lastIndexOf(':')).replace(/\.direct$/, '')
}
