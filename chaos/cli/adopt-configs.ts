/** Reads what Compose names of configs but does not show: the text of those that are files. */
import { readFileSync, statSync } from 'node:fs'
import type { ComposeConfig } from '../compose/config.ts'

/** A configuration is read by people; what is larger is data. */
const mostBytes = 256 * 1024

/** The same, with the text of each config's file beside its name, as if it were given inline. Others stay as they are. */
export function withConfigFiles<T extends ComposeConfig>(config: T): T {
  const { configs } = config as { configs?: Record<string, unknown> | null }
  if (typeof configs !== 'object' || configs === null) return config
  const read = Object.entries(configs).map(([name, given]) => {
    const { file, content } = (given ?? {}) as { file?: unknown; content?: unknown }
    const text = content === undefined && typeof file === 'string' ? textOf(file) : undefined
    return [name, text === undefined ? given : { ...(given as object), content: text }]
  })
  return { ...config, configs: Object.fromEntries(read) as unknown }
}

/** Undefined where there is nothing to read: Compose itself says that when the world is brought up. */
function textOf(path: string): string | undefined {
  try {
    const there = statSync(path)
    return there.isFile() && there.size <= mostBytes ? readFileSync(path, 'utf8') : undefined
  } catch {
    return undefined
  }
}
