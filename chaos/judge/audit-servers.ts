/**
 * Which servers were read: each database itself, since it was last killed, and none of them twice under two names.
 */
import { isDeadly } from '../journal/effects.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import type { Audit, Reading } from './audits.ts'
import { moment } from './figures.ts'
import { writableSpells } from './spells.ts'

/** As far as the clocks of a database and of the harness may be apart. */
const clocksApartMs = 1_000

/** Not from the databases themselves: through apps, or by a command of the user's. */
export function readByOthers({ opened: { audit } }: RecordedJournal): boolean {
  return audit?.by === 'http' || audit?.by === 'command'
}

/** A server that was killed has been started since; none was started after it was read. */
export function startDefect(journal: RecordedJournal, { node, server, atMs }: Reading): string | undefined {
  if (server === undefined) return undefined
  const wallMs = Date.parse(server.startedAt)
  if (Number.isNaN(wallMs)) return `${node} says that it was started "${server.startedAt}", which is no moment`
  const startedMs = wallMs - journal.opened.wallStartMs
  if (startedMs > atMs + clocksApartMs)
    return `${node} says that it was started at ${moment(startedMs)}, after it was read`
  const killed = journal
    .of('fault.requested')
    .find(
      (requested) =>
        isDeadly(requested) && requested.lasting?.gone?.includes(node) && startedMs < requested.atMs - clocksApartMs,
    )
  if (killed !== undefined) return `${node} says that it was started at ${moment(startedMs)}, before it was killed`
  const spell = writableSpells(journal).find(
    (each) => each.node === node && each.fromMs < startedMs - clocksApartMs && each.toMs > startedMs + clocksApartMs,
  )
  return spell && `${node} says that it was started at ${moment(startedMs)}, and was seen to commit before and after`
}

/** A server that does not say who it is, as others do; or two names for one: then another was not read at all. */
export function strangeServer(journal: RecordedJournal, audits: readonly Audit[]): string | undefined {
  const cluster = journal.opened.systemIdentifier
  const silent =
    silentAmong(audits, ({ server }) => server) ??
    silentAmong(audits, ({ server }) => server?.address ?? undefined) ??
    silentAmong(audits, ({ server }) => server?.node) ??
    silentAmong(audits, ({ systemIdentifier }) => systemIdentifier)
  if (silent !== undefined) return `${silent.node} did not say which server it is, as others did`
  const [first] = audits
  // What is read through an app or by a command says nothing of servers.
  if (readByOthers(journal)) return undefined
  if (cluster !== undefined && first !== undefined && first.event.systemIdentifier === undefined)
    return `${first.node} did not say of which cluster it is; the world's is ${cluster}`
  const byServer = Map.groupBy(
    audits.filter(({ event }) => event.server !== undefined),
    ({ event: { server } }) => JSON.stringify([server?.address, server?.startedAt]),
  )
  const twice = [...byServer.values()].find((nodes) => nodes.length > 1)
  const byAddress = Map.groupBy(
    audits.filter(({ event: { server } }) => server !== undefined && server.address !== null),
    ({ event: { server } }) => server?.address,
  )
  // Two starts of one address: a server that was started anew in between.
  const again = [...byAddress.values()].find((nodes) => nodes.length > 1)
  if (again !== undefined && twice === undefined)
    return `${again.map(({ node }) => node).join(' and ')} have one address (${again[0]?.event.server?.address}): another was not read`
  if (twice === undefined) return undefined
  return `${twice.map(({ node }) => node).join(' and ')} are one server (${twice[0]?.event.server?.address}): another was not read`
}

function silentAmong(audits: readonly Audit[], told: (event: Reading) => unknown): Audit | undefined {
  const silent = audits.filter(({ event }) => told(event) === undefined)
  return silent.length < audits.length ? silent[0] : undefined
}
