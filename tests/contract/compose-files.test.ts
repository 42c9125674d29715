// Goal: the world is the same wherever it is brought up.
// Method: what the installed Compose makes of the project's files, and of settings that people have. No container is made.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { projectRoot } from '../../chaos/world/state.ts'
import { PASSWORDS } from '../../setup/passwords.mjs'

interface Service { environment?: Record<string, string | null>; volumes?: { type: string; source: string; bind?: { selinux?: string } }[] }

function servicesOf(...files: string[]): [string, Service][] {
  const env = { ...process.env, ...Object.fromEntries(PASSWORDS.map((name) => [name, 'known'])) }
  const { status, stdout, stderr } = spawnSync('docker', ['compose', ...files.flatMap((file) => ['-f', file]), 'config', '--format', 'json'], { cwd: projectRoot, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`docker compose config: ${stderr}`)
  return Object.entries((JSON.parse(stdout) as { services: Record<string, Service> }).services)
}

test('what is mounted may be read where SELinux watches', () => {
  const unlabelled = servicesOf('docker-compose.yml').flatMap(([name, { volumes = [] }]) => volumes.filter(({ type, bind }) => type === 'bind' && bind?.selinux !== 'z').map(({ source }) => `${name}: ${source}`))
  expect(unlabelled).toEqual([])
})

test('no node is told of a proxy, whatever Docker\'s config.json says', () => {
  const names = ['http', 'https', 'ftp', 'all'].flatMap((scheme) => [`${scheme}_proxy`, `${scheme}_proxy`.toUpperCase()])
  const told = servicesOf('docker-compose.yml').flatMap(([name, { environment = {} }]) => names.filter((variable) => environment[variable] !== '').map((variable) => `${name}: ${variable}`))
  expect(told).toEqual([])
})
