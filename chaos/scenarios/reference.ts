/**
 * The names in the reference world, so that a scenario for it cannot use other names. A test compares them with its
 * labels.
 */
export const referenceWorld = {
  regions: ['east', 'west'],
  zones: ['east/a', 'east/b', 'west/a', 'west/b'],
  sites: ['east', 'west', 'witness', 'edge'],
  links: ['edge-east', 'edge-west', 'east-west', 'east-witness', 'west-witness'],
  nodes: [
    'app-east-a',
    'app-east-b',
    'app-west-a',
    'app-west-b',
    'pg-east-a',
    'pg-east-b',
    'pg-west-a',
    'pg-west-b',
    'redis-east',
    'redis-west',
    'sentinel-east',
    'sentinel-west',
    'sentinel-witness',
    'etcd-east',
    'etcd-west',
    'etcd-witness',
    'haproxy-east',
    'haproxy-west',
    'router-1',
    'router-2',
    'arbiter',
    'lookout-east',
    'lookout-west',
    'beacon-east',
    'beacon-west',
    'beacon-witness',
    'beacon-edge',
    'link-edge-east',
    'link-edge-west',
    'link-east-west',
    'link-east-witness',
    'link-west-witness',
  ],
} as const

export interface Names {
  regions: readonly string[]
  zones: readonly string[]
  sites: readonly string[]
  links: readonly string[]
  nodes: readonly string[]
}
