/**
 * The world file, `blackstart.yaml`: where each service of a Compose file stands, where clients enter and what they ask,
 * which nodes are databases, and how acknowledged writes are read back. The Compose file itself is never changed.
 */
import { z } from 'zod'

/** Names of sites become names of networks; names of services are Compose's. */
const siteName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'lower-case letters, digits and "-", at most 31')
const service = z.string().min(1)
const port = z.number().int().min(1).max(65_535)
const url = z.url({ protocol: /^https?$/, message: 'an address such as http://gateway:8080' })
const status = z.number().int().min(100).max(599)
/** The name of a variable in the stack's `.env` or environment; never the password itself. */
const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'the name of a variable, such as POSTGRES_PASSWORD')

/** Without `kind`: a site "edge" is the edge, a site "witness" is a witness, and any other a region. */
export const siteSchema = z.strictObject({
  kind: z.enum(['region', 'witness', 'edge']).optional(),
  services: z.array(service).optional(),
  /** Zone → its services. */
  zones: z.record(siteName, z.array(service)).optional(),
})

/** `proxy`: Toxiproxy, a port each. `route`: the link passes packets on, for members that tell each other addresses. */
export const linkSchema = z.strictObject({
  via: z.enum(['proxy', 'route']).optional(),
  /** One way. */
  latencyMs: z.number().min(0).max(10_000).optional(),
})

/** `{{key}}`: a key of its own for each arrival; `{{recentKey}}`: that of a write shortly before; `{{n}}`: its number. */
export const clientRequestSchema = z.strictObject({
  name: z.string().min(1),
  /** Of all arrivals; the shares of all requests sum to 1. */
  share: z.number().gt(0).max(1),
  write: z.boolean().default(false),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  path: z.string().startsWith('/'),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  /** Statuses by which the service promises that it was done; 200 to 299 otherwise. */
  acknowledged: z.array(status).min(1).optional(),
})

export const clientsSchema = z.strictObject({
  /** Several: a client takes the first, and the next when that does not answer. */
  enter: z.array(url).min(1),
  requests: z.array(clientRequestSchema).min(1).optional(),
  /** A k6 script of your own, beside this file. */
  script: z.string().optional(),
})

export const databaseEngines = ['postgres', 'patroni', 'mariadb', 'redis', 'http'] as const
export const databasesSchema = z.strictObject({
  nodes: z.array(service).min(1),
  engine: z.enum(databaseEngines),
  port: port.optional(),
  user: z.string().optional(),
  passwordFrom: variable.optional(),
  database: z.string().optional(),
  /** Every member takes writes, so that there is no one primary: Galera, for example. */
  multiPrimary: z.boolean().optional(),
  /** How many standbys must be synchronous before anything is broken. */
  synchronousStandbys: z.number().int().min(0).optional(),
  /** The key of etcd that names the primary, where there is one: Patroni's is `/service/<scope>/leader`. */
  leaderKey: z.string().startsWith('/').optional(),
  /** Of engine "http": where a member says its role, and at which JSON path; `primary` is the value of a primary. */
  http: z.strictObject({ path: z.string().startsWith('/'), json: z.string(), primary: z.string() }).optional(),
})

/** What "present" means is said by each: a status, a row, a key, or exit status 0. */
export const presenceSchema = z.union([
  z.strictObject({ http: z.strictObject({ path: z.string().startsWith('/'), present: status.default(200) }) }),
  /** Returns a column `key` with every stored key that starts with the parameter. */
  z.strictObject({ sql: z.string().min(1) }),
  /** The Redis key of one write, with `{{key}}` in it. */
  z.strictObject({ redis: z.strictObject({ key: z.string().min(1) }) }),
  /** Runs in a service's container and prints every stored key that starts with `{{prefix}}`, one a line. */
  z.strictObject({ command: z.strictObject({ in: z.array(service).min(1), run: z.array(z.string()).min(1) }) }),
])
export const auditSchema = z.strictObject({
  writes: presenceSchema,
  /** Rows `name`, `holds`, `detail`. */
  invariants: z.strictObject({ sql: z.string().min(1) }).optional(),
})

export const worldFileSchema = z.strictObject({
  compose: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).default('compose.yml'),
  profiles: z.array(z.string()).optional(),
  sites: z.record(siteName, siteSchema),
  /** Services that the world does without. */
  leaveOut: z.array(service).optional(),
  /** "east-west" or "default". */
  links: z.record(z.string(), linkSchema).default({}),
  /** Ports that cannot be seen from `expose`, `ports` and the image. */
  ports: z.record(service, z.array(port)).default({}),
  /** Roles that differ from what the file says elsewhere: a service that is no database and no entry is an app. */
  roles: z.record(service, z.enum(['app', 'store', 'dcs', 'router', 'arbiter'])).default({}),
  clients: clientsSchema.optional(),
  databases: z.array(databasesSchema).default([]),
  audit: auditSchema.optional(),
  /** Besides Compose's own health checks. */
  ready: z.strictObject({ http: z.array(url).optional() }).optional(),
})
export type WorldFile = z.infer<typeof worldFileSchema>
export type ClientRequest = z.infer<typeof clientRequestSchema>
export type Databases = z.infer<typeof databasesSchema>
export type Audit = z.infer<typeof auditSchema>
export type DatabaseEngine = (typeof databaseEngines)[number]
