import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../../../chaos/roots.ts'
import { buildFile, compareWithEngine, inWaves, OF_ANY_WORLD, onlyFor, planOf } from '../../../setup/docker/images.mjs'
import { takeOfficial } from '../../../setup/docker/official.mjs'
import { BASE_IMAGE } from '../../../setup/steps/base-image.mjs'
import { fakeHost, recordingShow } from './fake-host.ts'

const from = (...images: string[]) => ({
  context: '/nowhere',
  dockerfile_inline: images.map((image) => `FROM ${image}\n`).join(''),
})
const { images, secrets } = planOf([
  {
    name: 'tools',
    services: {
      proxy: {
        image: 'blackstart/proxy:1',
        build: { ...from('debian'), labels: { 'blackstart.instead-of': 'ghcr.io/x/proxy:1' } },
      },
    },
    secrets: { ca: { file: '/ca' } },
  },
  {
    name: 'world',
    services: {
      'app-a': { image: 'blackstart/app', build: from('debian') },
      'app-b': { image: 'blackstart/app', build: from('debian') },
      link: { image: 'blackstart/link', build: { ...from('blackstart/proxy:1'), labels: { kept: 'yes' } } },
      child: { image: 'blackstart/child', build: from('blackstart/link') },
      unnamed: { build: from('debian') },
      ready: { image: 'postgres:17' },
    },
  },
])
const image = (ref: string) => {
  const found = images.find((each) => each.ref === ref)
  if (found === undefined) throw new Error(`no image ${ref} in the plan`)
  return found
}
const engineHas = (labels: Record<string, object | null>) =>
  fakeHost({
    commands: {
      'docker image inspect': {
        code: 1,
        stdout: JSON.stringify(
          Object.entries(labels).map(([tag, Labels]) => ({ RepoTags: [tag], Config: { Labels } })),
        ),
      },
    },
  })

test('for some images only those that they are based on are needed besides', () => {
  const refs = (...names: string[]) => onlyFor({ images, secrets }, names).images.map(({ ref }) => ref)
  expect(refs('blackstart/link')).toEqual(['blackstart/proxy:1', 'blackstart/link'])
  expect(refs('blackstart/proxy')).toEqual(['blackstart/proxy:1'])
  expect(refs('blackstart/child')).toEqual(['blackstart/proxy:1', 'blackstart/link', 'blackstart/child'])
})

test("a world of the user's is given every image that the harness itself names", () => {
  const named = globSync('chaos/**/*.ts', { cwd: packageRoot }).flatMap((file) =>
    Array.from(
      readFileSync(join(packageRoot, file), 'utf8').matchAll(/[iI]mage(?: =|:) [`']blackstart\/([a-z0-9]+)/g),
      ([, name]) => `blackstart/${name}`,
    ),
  )
  expect([...new Set(named)].toSorted()).toEqual([...OF_ANY_WORLD].toSorted())
})

test('each image once, and which official one would do as well', () => {
  expect(images.map(({ ref, official }) => [ref, official])).toEqual([
    ['blackstart/proxy:1', 'ghcr.io/x/proxy:1'],
    ['blackstart/app', undefined],
    ['blackstart/link', undefined],
    ['blackstart/child', undefined],
    ['world-unnamed', undefined],
  ])
})

test('what starts from a tool, at any distance, waits for it', () => {
  expect(images.filter((each) => each.needsTools).map((each) => each.ref)).toEqual([
    'blackstart/link',
    'blackstart/child',
  ])
  expect(inWaves(images).map((wave) => wave.map((each) => each.ref))).toEqual([
    ['blackstart/proxy:1', 'blackstart/app', 'world-unnamed'],
    ['blackstart/link'],
    ['blackstart/child'],
  ])
})

test('images that start from each other are an error, not an endless loop', () => {
  expect(() =>
    planOf([{ name: 'w', services: { a: { image: 'a', build: from('b') }, b: { image: 'b', build: from('a') } } }]),
  ).toThrow('start from each other')
})

test('an engine that was emptied has none', async () => {
  const { absent } = await compareWithEngine(
    fakeHost({ commands: { 'docker image inspect': { code: 1, stdout: '[]\n' } } }).host,
    images,
  )
  expect(absent).toHaveLength(images.length)
})

test('one question for all images', async () => {
  const { host, ran } = engineHas({})
  await compareWithEngine(host, images)
  expect(ran).toEqual([
    'docker image inspect blackstart/proxy:1 blackstart/app blackstart/link blackstart/child world-unnamed',
  ])
})

test('ours count when their label names the sources of today', async () => {
  const app = image('blackstart/app')
  const state = async (labels: object | null) => {
    const { absent, outdated } = await compareWithEngine(engineHas({ 'blackstart/app:latest': labels }).host, [app])
    return [absent.length, outdated.length]
  }
  expect(await state({ 'blackstart.inputs': app.hash })).toEqual([0, 0])
  expect(await state({ 'blackstart.inputs': 'of yesterday' })).toEqual([0, 1])
  expect(await state(null)).toEqual([0, 1])
})

test('an official image needs no label; one built here from an older Dockerfile is built again', async () => {
  const proxy = image('blackstart/proxy:1')
  const outdated = async (labels: object | null) =>
    (await compareWithEngine(engineHas({ 'blackstart/proxy:1': labels }).host, [proxy])).outdated.length
  expect(await outdated(null)).toBe(0)
  expect(await outdated({ 'blackstart.inputs': 'of yesterday' })).toBe(1)
})

test('the file for Compose labels each image and keeps its labels', () => {
  const link = image('blackstart/link')
  const file = JSON.parse(buildFile({ images: [link], secrets }))
  expect(file.services.link).toMatchObject({
    image: 'blackstart/link',
    build: { labels: { kept: 'yes', 'blackstart.inputs': link.hash } },
  })
  expect(file.secrets).toEqual({ ca: { file: '/ca' } })
})

test('nothing is built here under a name that others mean something else by', async () => {
  const dockerfiles = globSync('services/**/Dockerfile', { cwd: packageRoot }).map((path) =>
    readFileSync(join(packageRoot, path), 'utf8'),
  )
  const stages = dockerfiles.flatMap((text) => [...text.matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, name]) => name))
  const bases = dockerfiles
    .flatMap((text) => [...text.matchAll(/^FROM (\S+)/gm)].map(([, name]) => name))
    .filter((name) => !stages.includes(name))
  const built = ['services/images/tools.yml', 'regions/templates.yml'].flatMap((path) =>
    [...readFileSync(join(packageRoot, path), 'utf8').matchAll(/^ *image: (\S+)/gm)].map(([, name]) => name),
  )
  expect(
    [...bases, ...built, BASE_IMAGE].filter((name) => name !== 'scratch' && !name?.startsWith('blackstart/')),
  ).toEqual([])
})

describe('an official image', () => {
  const take = (commands: NonNullable<Parameters<typeof fakeHost>[0]>['commands']) => {
    const { host, ran } = fakeHost({ commands: { 'docker tag': {}, ...commands } })
    return {
      ran,
      taken: takeOfficial(host, { official: 'debian:13', as: 'blackstart/debian:13' }, recordingShow().begin('', '')),
    }
  }

  test('that the engine has gets a name of ours, without a registry', async () => {
    const { ran, taken } = take({ 'docker image inspect': { stdout: '{"org.opencontainers.image.vendor":"x"}\n' } })
    expect([await taken, ran.at(-1), ran.some((line) => line.startsWith('docker pull'))]).toEqual([
      { ok: true },
      'docker tag debian:13 blackstart/debian:13',
      false,
    ])
  })

  test('is pulled where what bears its name was made here', async () => {
    const { ran, taken } = take({
      'docker image inspect': { stdout: '{"blackstart.image":"base"}\n' },
      'docker pull': {},
    })
    expect([await taken, ran.slice(-2)]).toEqual([
      { ok: true },
      ['docker pull debian:13', 'docker tag debian:13 blackstart/debian:13'],
    ])
  })

  test('that cannot be had leaves no name behind', async () => {
    const { ran, taken } = take({
      'docker image inspect': { code: 1 },
      'docker pull': { code: 1, stderr: 'dial tcp: no such host' },
    })
    expect([await taken, ran.filter((line) => line.startsWith('docker tag'))]).toEqual([
      { ok: false, why: 'no-registry', said: 'dial tcp: no such host' },
      [],
    ])
  })
})
