// Goal: whoever asks for a suite that is not there is told what there is, before anything is touched; and the workflow
// file that users copy asks for nothing that the command line does not know.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const main = fileURLToPath(new URL('../../../chaos/cli/main.ts', import.meta.url))

function blackstart(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { env: { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock' } },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    )
  })
}

test.each([
  [['--suite', 'smok'], /no suite "smok"; did you mean "smoke"/],
  [['--tag', 'partitoin'], /no tag "partitoin"; did you mean "partition"/],
  [['region-kill', 'region-blackhol'], /"region-blackhol".*did you mean "region-blackhole"/s],
  [['region-kill', '--suite', 'smoke'], /cannot be combined/],
  [['--suite', 'smoke', '--shard', '0/5'], /the parts are 1\/5 to 5\/5/],
  [['--suite', 'smoke', '--shard', 'a/b'], /expected which part of how many, such as 2\/5/],
  [['--suite', 'full', '--shard', '999/999'], /999\/999 is empty/],
  [
    ['--suite', 'smoke', '--allow-skip', 'contrl'],
    /--allow-skip: there is no scenario "contrl"; did you mean "control"/,
  ],
  [['region-kill', '--bail'], /--bail is for several scenarios/],
  [['--suit', 'smoke'], /unknown option '--suit'.*Did you mean --suite/s],
])('run %j is bad usage', async (args, message) => {
  const { code, stdout, stderr } = await blackstart('run', ...args)
  expect(stderr).toMatch(message)
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
})

test.each([
  [['region-kill', 'control']],
  [['--tag', 'partition', '--shard', '1/2', '--bail']],
  [['--suite', 'full', '--allow-skip', 'control', 'region-kill']],
])('run %j is good usage, and only the engine is missing', async (args) => {
  const { code, stderr } = await blackstart('run', ...args)
  expect(stderr).toMatch(/not ready: no Docker engine answers/)
  expect(code).toBe(3)
})

const stepSchema = z.object({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  if: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
})
const workflowSchema = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({
      'timeout-minutes': z.number(),
      strategy: z.object({ 'fail-fast': z.boolean(), matrix: z.object({ shard: z.array(z.number()) }) }),
      steps: z.array(stepSchema),
    }),
  ),
})
const workflow = workflowSchema.parse(
  parse(readFileSync(new URL('../../../docs/ci/github-actions.yml', import.meta.url), 'utf8')),
)
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)

test('the workflow runs options that there are, of a suite that there is, and all of its shards', async () => {
  const help = (await blackstart('run', '--help')).stdout
  const commands = steps.flatMap((step) => step.run?.split('\n') ?? []).filter((line) => line.includes('blackstart'))
  expect(commands.length).toBeGreaterThan(0)
  for (const line of commands) {
    expect(line).toMatch(/^npx blackstart run /)
    for (const [option] of line.matchAll(/--[a-z-]+/g))
      expect(help).toMatch(new RegExp(`${option} [<\\[]|${option}\\s`))
    expect(['smoke', 'core', 'full']).toContain(/--suite (\S+)/.exec(line)?.[1])
  }
  const shards = Object.values(workflow.jobs).flatMap((job) => job.strategy.matrix.shard)
  const of = Number(/--shard \$\{\{ matrix\.shard \}\}\/(\d+)/.exec(commands.join('\n'))?.[1])
  expect(shards).toEqual(Array.from({ length: of }, (_, index) => index + 1))
})

test('the workflow may read and nothing else, ends by itself, and keeps the evidence of what failed', () => {
  expect(workflow.permissions).toEqual({ contents: 'read' })
  for (const job of Object.values(workflow.jobs))
    expect({ failFast: job.strategy['fail-fast'], ends: job['timeout-minutes'] <= 60 }).toEqual({
      failFast: false,
      ends: true,
    })
  for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/)
  const upload = steps.find((step) => step.uses?.startsWith('actions/upload-artifact@'))
  expect(upload?.if).toBe('always()')
  expect(String(upload?.with?.['path'])).toContain('runs/*/')
})
