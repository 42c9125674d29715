/** A shop as somebody's Compose file has it, the way `docker compose config --format json` renders it, and where it stands. */
import { worldFileSchema } from '../../../chaos/worldfile/schema.ts'

export const shopConfig = {
  name: 'shop',
  networks: {
    back: { name: 'shop_back', ipam: { config: [{ subnet: '172.30.0.0/24' }] } },
    front: { name: 'shop_front' },
  },
  volumes: { data: { name: 'shop_data', driver: 'local' }, old: { name: 'old', external: true } },
  secrets: { s: { name: 'shop_s', file: '/home/me/shop/s.txt' } },
  services: {
    gateway: {
      image: 'nginx:1.27',
      command: null,
      ports: [{ mode: 'ingress', target: 8080, published: '80', protocol: 'tcp' }],
      networks: { front: { aliases: ['www'] } },
      restart: 'always',
    },
    'api-1': api('1'),
    'api-2': api('2'),
    'db-1': database('1'),
    'db-2': {
      ...database('2'),
      depends_on: { 'db-1': { condition: 'service_healthy', required: true } },
    },
    migrate: { image: 'shop-tools', restart: 'on-failure', networks: { back: null } },
  },
}

function api(number: string) {
  return {
    build: { context: '/home/me/shop/api', dockerfile: 'Dockerfile' },
    environment: { DB: 'db-1', PRICE: '5$$' },
    expose: ['3000'],
    networks: { front: {}, back: {} },
    links: ['db-1:database'],
    extra_hosts: ['pay.example=192.0.2.9'],
    secrets: [{ source: 's', target: '/run/secrets/s' }],
    depends_on: { migrate: { condition: 'service_completed_successfully', required: true } },
    labels: { team: number },
  }
}

function database(number: string) {
  return {
    image: 'registry.example:5000/library/postgres:16@sha256:0123',
    container_name: `thedb${number}`,
    hostname: `pg${number}`,
    environment: { POSTGRES_PASSWORD: 'x', EMPTY: null },
    healthcheck: { test: ['CMD', 'pg_isready'], interval: '2s' },
    networks: { back: { ipv4_address: `172.30.0.${number}` } },
    volumes: [
      { type: 'volume', source: 'data', target: '/var/lib/postgresql/data' },
      { type: 'bind', source: '/home/me/shop/init', target: '/docker-entrypoint-initdb.d', read_only: true },
    ],
  }
}

export const shopWorld = worldFileSchema.parse({
  sites: {
    east: { zones: { a: ['api-1', 'db-1'], b: ['migrate'] } },
    west: { services: ['api-2', 'db-2'] },
    edge: { services: ['gateway'] },
  },
  links: { default: { latencyMs: 15 }, 'west-east': { latencyMs: 40 } },
  clients: { enter: ['http://gateway:8080'] },
  databases: [
    {
      nodes: ['db-1', 'db-2'],
      engine: 'postgres',
      user: 'postgres',
      passwordFrom: 'POSTGRES_PASSWORD',
      database: 'app',
    },
  ],
  ready: { http: ['http://api-1:3000/healthz', 'http://gateway:8080/ok'] },
})
