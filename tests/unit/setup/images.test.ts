import { expect, test } from 'vitest'
import { buildFile, compareWithEngine, inWaves, planOf } from '../../../setup/images.mjs'
import { fakeHost } from './fake-host.ts'

const from = (...images: string[]) => ({ context: '/nowhere', dockerfile_inline: images.map((image) => `FROM ${image}\n`).join('') })
const { images, secrets } = planOf([
  { name: 'tools', services: { proxy: { image: 'ghcr.io/x/proxy:1', build: from('debian') } }, secrets: { ca: { file: '/ca' } } },
  {
    name: 'world',
    services: {
      'app-a': { image: 'blackstart/app', build: from('debian') },
      'app-b': { image: 'blackstart/app', build: from('debian') },
      link: { image: 'blackstart/link', build: { ...from('ghcr.io/x/proxy:1'), labels: { kept: 'yes' } } },
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
  fakeHost({ commands: { 'docker image inspect': { code: 1, stdout: JSON.stringify(Object.entries(labels).map(([tag, Labels]) => ({ RepoTags: [tag], Config: { Labels } }))) } } })

test('each image once, ours told from those of others', () => {
  expect(images.map(({ ref, ours }) => [ref, ours])).toEqual([
    ['ghcr.io/x/proxy:1', false],
    ['blackstart/app', true],
    ['blackstart/link', true],
    ['blackstart/child', true],
    ['world-unnamed', true],
  ])
})

test('what starts from a tool, at any distance, waits for it', () => {
  expect(images.filter((each) => each.needsTools).map((each) => each.ref)).toEqual(['blackstart/link', 'blackstart/child'])
  expect(inWaves(images).map((wave) => wave.map((each) => each.ref))).toEqual([
    ['ghcr.io/x/proxy:1', 'blackstart/app', 'world-unnamed'],
    ['blackstart/link'],
    ['blackstart/child'],
  ])
})

test('images that start from each other are an error, not an endless loop', () => {
  expect(() => planOf([{ name: 'w', services: { a: { image: 'a', build: from('b') }, b: { image: 'b', build: from('a') } } }])).toThrow('start from each other')
})

test('an engine that was emptied has none', async () => {
  const { absent } = await compareWithEngine(fakeHost({ commands: { 'docker image inspect': { code: 1, stdout: '[]\n' } } }).host, images)
  expect(absent).toHaveLength(images.length)
})

test('one question for all images', async () => {
  const { host, ran } = engineHas({})
  await compareWithEngine(host, images)
  expect(ran).toEqual(['docker image inspect ghcr.io/x/proxy:1 blackstart/app blackstart/link blackstart/child world-unnamed'])
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
  const proxy = image('ghcr.io/x/proxy:1')
  const outdated = async (labels: object | null) => (await compareWithEngine(engineHas({ 'ghcr.io/x/proxy:1': labels }).host, [proxy])).outdated.length
  expect(await outdated(null)).toBe(0)
  expect(await outdated({ 'blackstart.inputs': 'of yesterday' })).toBe(1)
})

test('the file for Compose labels each image and keeps its labels', () => {
  const link = image('blackstart/link')
  const file = JSON.parse(buildFile({ images: [link], secrets }))
  expect(file.services.link).toMatchObject({ image: 'blackstart/link', build: { labels: { kept: 'yes', 'blackstart.inputs': link.hash } } })
  expect(file.secrets).toEqual({ ca: { file: '/ca' } })
})
