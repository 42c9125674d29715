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

/**
 * The command that drops this share of what comes from these sites, but not from the engine's gateways. A packet is met
 * once, where it arrives, whether the link relays what it carries or passes it on.
 */
export function loseSome(
  table: string,
  { share, from, gateways, subnets }: Lose & { gateways: string[]; subnets: ReadonlyMap<string, string> },
): string {
  const others = gateways.length > 0 ? `ip saddr != { ${gateways.join(', ')} } ` : ''
  const rules = from.flatMap((site, index) => {
    const its = `add rule inet ${table} arriving ip saddr ${subnets.get(site)} ${others}`
    return [
      `add counter inet ${table} met_${index}`,
      `add counter inet ${table} lost_${index}`,
      `${its}counter name met_${index}`,
      `${its}numgen random mod ${grain} < ${Math.round(share * grain)} counter name lost_${index} drop`,
    ]
  })
  return `nft '${[
    `add table inet ${table}`,
    // Before connection tracking, as for a cut.
    `add chain inet ${table} arriving { type filter hook prerouting priority -400; }`,
    ...rules,
  ].join('; ')}'`
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
