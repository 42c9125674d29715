import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { stackImagesStep } from '../../../setup/steps/stack-images.mjs'
import { fakeHost } from './fake-host.ts'

/** A checkout with one stack, on a machine where these images are there. */
function machine(there: string[]) {
  const root = mkdtempSync(join(tmpdir(), 'blackstart-stacks-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'stacks/shop'), { recursive: true })
  mkdirSync(join(root, 'stacks/images'))
  writeFileSync(join(root, 'stacks/shop/compose.yml'), '')
  const built: string[] = []
  const build = { context: root, dockerfile_inline: 'FROM x AS db\n', target: 'db' }
  const services = {
    'db-1': { image: 'stack-db', build },
    'db-2': { image: 'stack-db', build },
    web: { image: 'nginx' },
  }
  const { host } = fakeHost({
    root,
    commands: {
      'docker compose -f -': () => {
        built.push('stack-db')
        return {}
      },
      [`docker compose -f ${join(root, 'stacks/shop/compose.yml')}`]: {
        stdout: JSON.stringify({ name: 'shop', services }),
      },
      'docker image inspect': { stdout: JSON.stringify(there.map((tag) => ({ RepoTags: [tag], Config: {} }))) },
    },
  })
  return { host, built }
}

const task = { logFile: '', line() {}, log() {}, done() {}, failed() {}, stopped() {} }

test('an image that a stack builds is built where it is absent, once, and nothing that it only uses', async () => {
  const { host, built } = machine([])
  const missing = await stackImagesStep(host).check()
  expect(missing?.found).toBe('images of the stacks are not ready: stack-db')
  await missing?.fix?.run(task)
  expect(built).toEqual(['stack-db'])
})

test('one that somebody built by hand is built again, for nobody knows of what', async () => {
  expect((await stackImagesStep(machine(['stack-db:latest']).host).check())?.found).toContain('stack-db')
})
