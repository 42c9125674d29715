/** What the counters of a netfilter table say: `counter met_0 { packets 12 bytes 840 }`, over several lines, as packets by name. */
export function countersIn(listed: string): ReadonlyMap<string, number> {
  return new Map(
    [...listed.matchAll(/counter (\w+) \{\s*packets (\d+)/g)].map(([, name = '', packets]) => [name, Number(packets)]),
  )
}
