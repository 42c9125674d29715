/**
 * Compose files of kinds that people have, each in a folder of its own: the files, what Compose makes of them
 * (config.json, recorded), and the blackstart.yaml that adopt is to write.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

export interface Stack {
  name: string
  folder: string
  files: string[]
  profiles?: string[]
}

/** In a project that has Blackstart among its packages. */
export const schemaPath = 'node_modules/blackstart/schemas/world.schema.json'

const filesOf: Record<string, Pick<Stack, 'files' | 'profiles'>> = {
  galera: { files: ['compose.yml'] },
  'host-network': { files: ['compose.yml'] },
  'init-containers': { files: ['compose.yml'] },
  nats: { files: ['compose.yml'] },
  patroni: { files: ['docker-compose.yml'] },
  'pg-auto-failover': { files: ['compose.yml'] },
  'postgres-streaming': { files: ['compose.yml'] },
  'redis-sentinel': { files: ['compose.yaml'] },
  'regions-by-name': { files: ['compose.yml'] },
  replicas: { files: ['compose.yml'] },
  'several-files': { files: ['compose.yml', 'compose.prod.yml'], profiles: ['both'] },
  'three-tier': { files: ['docker-compose.yml'] },
}

export const stacks: Stack[] = Object.entries(filesOf).map(([name, files]) => ({
  name,
  folder: fileURLToPath(new URL(name, import.meta.url)),
  ...files,
}))

const recordSchema = z.object({ config: z.unknown(), raw: z.record(z.string(), z.record(z.string(), z.string())) })

/** What Compose said when it was last asked. */
export function recorded(folder: string): z.infer<typeof recordSchema> {
  return recordSchema.parse(JSON.parse(readFileSync(`${folder}/config.json`, 'utf8')))
}

/** What Compose says, without the place of this checkout. */
export function withoutPlace(config: unknown, folder: string): unknown {
  return JSON.parse(JSON.stringify(config).replaceAll(folder, '/project'))
}
