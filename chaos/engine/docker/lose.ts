/** Netfilter rules that drop a share of the packets that come to a link from a site, and count them. */
import { CannotRun, type Cut, type Lose, type Losses } from '../engine.ts'
import { countersIn } from './counters.ts'

/** The finest share is one packet in so many. */
const grain = 10_000

export function isLoss(cut: Cut): cut is Lose {
  return cut !== 'all' && cut !== 'isolate' && cut.is === 'lose'
}

/** @throws CannotRun where nobody knows which packets come from one of these sites */
export function checkSubnets(link: string, from: readonly string[], subnets: ReadonlyMap<string, string>): void {
  const unknown = from.find((site) => !subnets.has(site))
  if (unknown !== undefined)
    throw new CannotRun(
      `${link} cannot tell which packets come from ${unknown}: none of this world's networks has the label blackstart.site=${unknown}`,
    )
}

type Losing = Lose & { gateways: string[]; subnets: ReadonlyMap<string, string> }

/**
 * The command that drops this share of what comes from these sites, but not from the engine's gateways. A packet is met
 * once, where it arrives, whether the link relays what it carries or passes it on.
 */
export function loseSome(table: string, losing: Losing): string {
  const { share, from, subnets } = losing
  const others = otherThan(losing.gateways)
  const rules = from.flatMap((site, index) => {
    const its = `add rule inet ${table} arriving ip saddr ${subnets.get(site)} ${others}`
    return [
      `add counter inet ${table} met_${index}`,
      `add counter inet ${table} lost_${index}`,
      `${its}counter name met_${index}`,
      `${its}${byChance(share)} counter name lost_${index} drop`,
    ]
  })
  return `nft '${[
    `add table inet ${table}`,
    // Before connection tracking, as for a cut.
    `add chain inet ${table} arriving { type filter hook prerouting priority -400; }`,
    ...(losing.relays ? handshakes(table, losing) : []),
    ...rules,
  ].join('; ')}'`
}

/**
 * Handshakes at a link that relays. On a wire one is lost when its first packet is, or the answer to that. A link that
 * relays makes two handshakes, and Toxiproxy 2.12 makes its own ones one after the other (proxy.go): while it waits a
 * second for the answer that was lost, nobody else gets a connection, and at 15 % hardly anybody ever does. So what a
 * connection loses here it loses on its way to the link, where whoever asked for it waits alone. Handshakes are not
 * counted among the packets of a direction.
 */
function handshakes(table: string, { share, from, gateways }: Losing): string[] {
  const arriving = `add rule inet ${table} arriving iifname != "lo" ${otherThan(gateways)}`
  // From either site: the answer to one that comes from the other way is lost as well.
  const lost = from.length > 1 ? 1 - (1 - share) ** 2 : share
  return [
    `${arriving}tcp flags & (syn | ack) == syn ${byChance(lost)} drop`,
    `${arriving}tcp flags & syn == syn accept`,
  ]
}

function otherThan(gateways: readonly string[]): string {
  return gateways.length > 0 ? `ip saddr != { ${gateways.join(', ')} } ` : ''
}

function byChance(share: number): string {
  return `numgen random mod ${grain} < ${Math.round(share * grain)}`
}

/** What the counters of such a table say. @throws where one is missing */
export function countsIn(listed: string, from: readonly string[]): Losses[] {
  const counts = countersIn(listed)
  return from.map((site, index) => {
    const [met, lost] = [counts.get(`met_${index}`), counts.get(`lost_${index}`)]
    if (met === undefined || lost === undefined) throw new Error(`nothing was counted of ${site}: ${listed}`)
    return { from: site, met, lost }
  })
}
