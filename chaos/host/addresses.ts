/**
 * The command that succeeds where an address is one of the kernel's own. For a node that runs Linux, whoever runs it:
 * the kernel's list of routes names each address of its own, so no tool is needed to read it.
 */
export function hasAddress(address: string): string[] {
  return ['grep', '-qwF', address, '/proc/net/fib_trie']
}
