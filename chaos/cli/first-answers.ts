/** Whether clients of a world that was just brought up would be served at all: told before a trial shows it. */
import { reasonOf, urlOf } from '../stack/http.ts'
import type { Topology } from '../topology/topology.ts'
import type { WorldFile } from '../worldfile/schema.ts'

const answerLimitMs = 2_000

/**
 * Asks each read that needs no key once, at the first entry. @returns a sentence for each that clients would count as
 * failed, with what to do
 */
export async function unansweredReads(topology: Topology, clients: WorldFile['clients']): Promise<string[]> {
  const entry = topology.nodes.find((node) => node.attributes['router.entry'] && node.ports['http'] !== undefined)
  const reads = (clients?.requests ?? []).filter(({ write, path }) => write !== true && !path.includes('{{'))
  if (entry === undefined) return []
  const told = await Promise.all(
    reads.map(async ({ method, path, headers, acknowledged }) => {
      const asked = `${method ?? 'GET'} ${path}`
      const seen = await fetch(urlOf(entry, 'http', path), {
        method: method ?? 'GET',
        headers: headers ?? {},
        redirect: 'manual',
        signal: AbortSignal.timeout(answerLimitMs),
      }).then(
        ({ status }) => ((acknowledged?.includes(status) ?? status < 400) ? undefined : `is answered ${status}`),
        (error: unknown) => `is not answered: ${reasonOf(error)}`,
      )
      return seen === undefined
        ? undefined
        : `${asked} ${seen}: clients would fail. "clients.requests" of blackstart.yaml says what they ask, and "acknowledged" which answers are good`
    }),
  )
  return told.filter((sentence) => sentence !== undefined)
}
