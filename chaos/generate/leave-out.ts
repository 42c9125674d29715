/** Services that a world does without, such as an agent for the machine that it runs on. */
import type { WorldFile } from '../worldfile/schema.ts'
import type { Config } from './config.ts'

/** The configuration without them; nobody waits for them any more. */
export function leftOut(config: Config, { leaveOut = [] }: WorldFile): Config {
  if (leaveOut.length === 0) return config
  const kept = <T>(record: Record<string, T>) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !leaveOut.includes(name)))
  return {
    ...config,
    services: Object.fromEntries(
      Object.entries(kept(config.services)).map(([name, { depends_on, ...rest }]) => [
        name,
        { ...rest, ...(depends_on && { depends_on: kept(depends_on) }) },
      ]),
    ),
  }
}
