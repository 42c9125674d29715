// Goal: whatever stands in a Compose file, what adopt writes can be read again and brought up.
// Method: files of chance, from names, images and features that real ones have.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkWorld } from '../../../chaos/adopt/check.ts'
import { draftOf } from '../../../chaos/adopt/draft.ts'
import { worldFileText } from '../../../chaos/adopt/write.ts'
import { parseWorldFile } from '../../../chaos/worldfile/read.ts'

const names = [
  ...['db', 'db-1', 'db2', 'pg-east-a', 'pg_west_b', 'postgres-primary', 'replica', 'api', 'api-1', 'api-2', 'web'],
  ...['gateway', 'nginx-1', 'nginx-2', 'etcd1', 'etcd2', 'etcd3', 'sentinel-eu', 'sentinel-us', 'monitor', 'no', '7'],
  ...['website1', 'redis-cluster-1', 'redis-cluster-2', 'region-a-app', 'region-b-app', 'eu-west-1a', 'us-east-2b'],
]
const images = [
  'postgres:17',
  'redis',
  'nginx',
  'haproxy:3',
  'shop/api@sha256:00',
  'mysql',
  'bitnami/etcd',
  'mongo:8',
  'r:5000/x/nats:2',
]

const service = fc.record(
  {
    image: fc.constantFrom(...images),
    environment: fc.dictionary(
      fc.constantFrom('REGION', 'PORT', 'POSTGRES_USER', 'PATRONI_NAME', 'URL'),
      fc.constantFrom('east', 'Köln 1', '8080', 'db:5433', ''),
    ),
    command: fc.constantFrom(null, ['redis-sentinel'], ['etcd', '--name', 'x'], ['haproxy']),
    labels: fc.dictionary(fc.constantFrom('com.x.region', 'zone', 'other'), fc.constantFrom('A', 'b', '1')),
    ports: fc.array(fc.record({ target: fc.constantFrom(80, 443, 5432, 8080), mode: fc.constant('ingress') }), {
      maxLength: 3,
    }),
    depends_on: fc.dictionary(
      fc.constantFrom(...names),
      fc.record({ condition: fc.constantFrom('service_started', 'service_completed_successfully') }),
      { maxKeys: 2 },
    ),
    network_mode: fc.constantFrom('host', 'none'),
    deploy: fc.record({ replicas: fc.integer({ min: 1, max: 3 }) }),
  },
  { requiredKeys: ['image'] },
)

/** Compose gives no service that needs one that is not there; a replica with the name of a service is refused. */
const config = fc.dictionary(fc.constantFrom(...names), service, { minKeys: 1, maxKeys: 9 }).map((services) => ({
  name: 'x',
  services: Object.fromEntries(
    Object.entries(services)
      .filter(([name]) => !/-\d+$/.test(name) || !(name.replace(/-\d+$/, '') in services))
      .map(([name, { depends_on = {}, ...rest }]) => [
        name,
        {
          ...rest,
          depends_on: Object.fromEntries(
            Object.entries(depends_on).filter(([each]) => each in services && each !== name),
          ),
        },
      ]),
  ),
}))

test('the draft is read as it was meant, and nothing in it is refused', () => {
  fc.assert(
    fc.property(config, (given) => {
      fc.pre(Object.values(given.services).some(({ network_mode }) => network_mode !== 'host'))
      const draft = draftOf(given, { compose: ['compose.yml'] })
      const { world } = parseWorldFile(worldFileText(draft, 'x.json'), 'blackstart.yaml')
      expect(world).toEqual(draft.world)
      expect(checkWorld(world, given).problems).toEqual([])
    }),
    { numRuns: 150 },
  )
})
