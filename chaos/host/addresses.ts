/**
 * A shell command that succeeds if an IP address belongs to the machine or container in which it runs. It works on
 * every Linux node: it reads the kernel's routing table in /proc, so no tool has to be installed there.
 */
export function hasAddress(address: string): string[] {
  return ['grep', '-qwF', address, '/proc/net/fib_trie']
}
