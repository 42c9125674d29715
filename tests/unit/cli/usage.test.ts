// Goal: whoever types something wrong is told what, and what is nearest to it, and the exit status says that it was
// usage (4).
// Method: the command line as a process of its own; nothing here gets as far as Docker.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

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
  [['run', 'region-kil'], /region-kil.*did you mean "region-kill"/s],
  [['demo', '--scenario', 'contrl'], /did you mean "control"/],
  [['run'], /nothing to run: name a scenario, or a suite/],
  [['run', 'region-kill', '--trails', '3'], /unknown option '--trails'.*Did you mean --trials/s],
  [['run', 'region-kill', '--trials', 'three'], /expected a whole number from 1 to 1000/],
  [['run', 'region-kill', '--trials', '0'], /expected a whole number from 1 to 1000/],
  [['run', 'region-kill', '--seed', '-1'], /expected a whole number/],
  [['up', '--world', 'Über'], /cannot name a world/],
  [['ui', '--port', '0'], /expected a whole number from 1 to 65535/],
  [['up', 'elsewhere'], /too many arguments for 'up'/],
  [['jugde'], /unknown command 'jugde'.*Did you mean judge/s],
  [['judge', 'no-such-run'], /no-such-run/],
  [['show', 'region-klil'], /did you mean "region-kill"/],
  [['fault', 'kil', 'east'], /fault kind "kil" is not known; did you mean "kill"\?/],
  [['fault', 'kill', 'east', '--for', '30'], /"30" is no length of time/],
  [['fault', 'kill', 'east', '--for', '1000h'], /1000h is too long.*24h/],
  [['fault', 'kill', 'east', '--for', '3h'], /a drill lasts at most 2h/],
  [['fault', 'kill', 'east', '--for', `${'9'.repeat(400)}s`], /is too long/],
  [['calibrate', '--quick', '--full'], /'--quick' cannot be used with option '--full'/],
  [['fault', 'kill'], /missing required argument 'target'/],
  [['heal', 'f1', '--all'], /heal f1 --all: give one or the other/],
  [['replay', 'no-such-run'], /no-such-run/],
  [['replay', 'last', '--resolve', 'who'], /Allowed choices are roles, names/],
])('%j is bad usage', async (args, message) => {
  const { code, stdout, stderr } = await blackstart(...args)
  expect(stderr).toMatch(message)
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
})

test('help goes to stdout and is no error', async () => {
  const { code, stdout } = await blackstart('run', '--help')
  expect(code).toBe(0)
  expect(stdout).toContain('Examples:')
})

test("an engine that is not there is the environment's fault (3), and the message says what to do", async () => {
  const { code, stderr } = await blackstart('status')
  expect(stderr).toMatch(
    /not ready: no Docker engine answers at DOCKER_HOST=unix:\/\/\/nowhere\/docker.sock.*\n {2}what to do: /,
  )
  expect(code).toBe(3)
})

test('scenarios can be listed and shown without an engine', async () => {
  const listed = await blackstart('list', '--json')
  expect(JSON.parse(listed.stdout).scenarios.map((each: { name: string }) => each.name)).toContain('region-blackhole')
  const shown = await blackstart('show', 'region-kill')
  expect(shown.stdout).toContain("kill on the primary's region")
  expect([listed.code, shown.code]).toEqual([0, 0])
})
