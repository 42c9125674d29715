/**
 * The command that drops every packet that comes into a network namespace or goes out of it, except its own (loopback)
 * and those of the engine's gateways. `counters`: names of the counters of what is dropped each way.
 */
export function dropAll(
  table: string,
  gateways: readonly string[],
  counters?: { arriving: string; leaving: string },
): string {
  const others = (which: 'saddr' | 'daddr'): string =>
    gateways.length > 0 ? `ip ${which} != { ${gateways.join(', ')} } ` : ''
  const counted = (name: string | undefined): string => (name === undefined ? '' : `counter name ${name} `)
  return `nft '${[
    `add table inet ${table}`,
    ...(counters ? [counters.arriving, counters.leaving].map((name) => `add counter inet ${table} ${name}`) : []),
    // Before connection tracking: a connection that exists is as dead as a new one.
    `add chain inet ${table} arriving { type filter hook prerouting priority -400; }`,
    `add chain inet ${table} leaving { type filter hook output priority -400; }`,
    `add rule inet ${table} arriving iifname != "lo" ${others('saddr')}${counted(counters?.arriving)}drop`,
    `add rule inet ${table} leaving oifname != "lo" ${others('daddr')}${counted(counters?.leaving)}drop`,
    // A rule about addresses of IPv4 says nothing of IPv6. Blackstart itself uses none.
    ...(gateways.length > 0
      ? [
          `add rule inet ${table} arriving iifname != "lo" meta nfproto ipv6 ${counted(counters?.arriving)}drop`,
          `add rule inet ${table} leaving oifname != "lo" meta nfproto ipv6 ${counted(counters?.leaving)}drop`,
        ]
      : []),
  ].join('; ')}'`
}
