// Goal: an engine that does not see the checkout is told of before a world is brought up; one that runs here is not
// asked.
import { expect, test } from 'vitest'
import { sharedStep } from '../../../setup/steps/shared.mjs'
import { fakeHost } from './fake-host.ts'

const info = (more: object) => ({
  stdout: JSON.stringify({ MemTotal: 8e9, NCPU: 2, DockerRootDir: '/var/lib/docker', CgroupVersion: '2', ...more }),
})
const files = { '/var/lib/docker': '' }

test.for([
  ['an engine here', 'linux', info({}), files, false],
  ['Docker Desktop on Linux', 'linux', info({ OperatingSystem: 'Docker Desktop' }), files, true],
  ['an engine whose socket was given to this container', 'linux', info({}), {}, true],
  ['macOS', 'darwin', info({}), files, true],
] as const)('%s: asked what it sees: %4$s', async ([, platform, answer, there, asked]) => {
  const { host, ran } = fakeHost({
    platform,
    files: there,
    root: '/my, own "checkout"',
    commands: { 'docker info': answer, 'docker run': {} },
  })
  expect(await sharedStep(host).check()).toBeUndefined()
  // The mount is written as CSV.
  expect(
    ran.filter((line) => line.includes('type=bind,"src=/my, own ""checkout""",dst=/checkout,readonly')),
  ).toHaveLength(asked ? 1 : 0)
})

test('what it does not see is told, with what it said and how to share it', async () => {
  const { host } = fakeHost({
    platform: 'darwin',
    commands: {
      'docker info': info({}),
      'docker run': {
        code: 125,
        stderr:
          "docker: Error response\nbind source path does not exist\n\nRun 'docker run --help' for more information\n",
      },
    },
  })
  expect(await sharedStep(host).check()).toEqual({
    found: expect.stringContaining('bind source path does not exist'),
    remedy: expect.stringContaining('colima start --mount'),
  })
})
