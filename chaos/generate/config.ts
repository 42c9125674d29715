/**
 * What the generator reads of `docker compose config --format json`. Everything else passes through as it is, so what
 * Compose learns later needs no change here.
 */
import { z } from 'zod'

const port = z.looseObject({ target: z.number().int(), protocol: z.string().optional() })
const mount = z.looseObject({
  type: z.string(),
  source: z.string().optional(),
  target: z.string(),
  read_only: z.boolean().optional(),
})

const serviceSchema = z.looseObject({
  image: z.string().optional(),
  build: z.unknown().optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullable()).nullish(),
  container_name: z.string().optional(),
  hostname: z.string().optional(),
  networks: z.record(z.string(), z.looseObject({ aliases: z.array(z.string()).nullish() }).nullable()).nullish(),
  network_mode: z.string().optional(),
  ports: z.array(port).nullish(),
  expose: z.array(z.union([z.string(), z.number()])).nullish(),
  volumes: z.array(mount).nullish(),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string().optional() })).nullish(),
  links: z.array(z.string()).nullish(),
  extra_hosts: z
    .union([z.array(z.string()), z.record(z.string(), z.union([z.string(), z.array(z.string())]))])
    .nullish(),
  labels: z.record(z.string(), z.string().nullable()).nullish(),
  restart: z.string().optional(),
  scale: z.number().int().optional(),
  deploy: z
    .looseObject({
      replicas: z.number().int().optional(),
      restart_policy: z.looseObject({ condition: z.enum(['none', 'on-failure', 'any']).optional() }).nullish(),
    })
    .nullish(),
})
export type ConfigService = z.infer<typeof serviceSchema>

const volume = z.looseObject({
  external: z.boolean().optional(),
  driver_opts: z.record(z.string(), z.string()).nullish(),
})

export const configSchema = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), volume.nullable()).nullish(),
  secrets: z.record(z.string(), z.unknown()).nullish(),
  configs: z.record(z.string(), z.unknown()).nullish(),
})
export type Config = z.infer<typeof configSchema>
