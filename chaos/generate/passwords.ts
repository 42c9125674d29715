/** Passwords that stand in somebody's Compose file: labels get names for them, and the world keeps the values. */
import type { Config } from './config.ts'
import type { GeneratedNode } from './node.ts'

const label = 'database.password'

/**
 * Gives the password of each database that its own environment sets a name that no other world has, changes its label
 * to that name, and returns name → password.
 */
export function namePasswords(nodes: readonly GeneratedNode[], config: Config, world: string): Record<string, string> {
  const passwords: Record<string, string> = {}
  for (const { service, labels } of nodes) {
    const variable = labels[label]
    const value = variable === undefined ? undefined : config.services[service]?.environment?.[variable]
    if (value === undefined || value === null) continue
    const name = `BLACKSTART_PASSWORD_${world}_${service}`.toUpperCase().replace(/\W/g, '_')
    // Compose writes each "$" of a value twice, as it reads it.
    passwords[name] = String(value).replaceAll('$$', '$')
    labels[label] = name
  }
  return passwords
}
