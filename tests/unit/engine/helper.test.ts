// Goal: a helper's answer belongs to the command that was asked: a fault must not be proved by what an older one said.
// Method: a real shell that runs the helper's own loop.
import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { answering, conversation } from '../../../chaos/engine/docker/helper.ts'

function shell(limitMs?: number) {
  const child = spawn('sh', ['-c', answering], { stdio: ['pipe', 'pipe', 'inherit'] })
  const run = conversation({
    input: child.stdin,
    output: child.stdout,
    what: 'a test',
    ...(limitMs === undefined ? {} : { limitMs }),
  })
  return { run, [Symbol.dispose]: () => child.stdin.end() }
}

test('each command has its own answer, also when several are asked at once', async () => {
  using helper = shell()
  const answers = ['sleep 0.05; echo first', 'echo second', 'printf "a\\nb"'].map(helper.run)
  expect(await Promise.all(answers)).toEqual(['first', 'second', 'a\nb'])
})

test('a command that failed rejects with its status and its words', async () => {
  using helper = shell()
  await expect(helper.run('echo no such rule; false')).rejects.toThrow(
    'the helper for a test failed with status 1: no such rule',
  )
})

test('a command during which the shell ends rejects, and so does each one after it', async () => {
  using helper = shell()
  await expect(helper.run('kill -9 $$')).rejects.toThrow('the helper for a test ended unexpectedly')
  await expect(helper.run('echo new')).rejects.toThrow('the helper for a test has ended')
})

test('the late answer of a command that took too long is no answer to the next one', async () => {
  using helper = shell(500)
  await expect(helper.run('sleep 0.7; echo old')).rejects.toThrow(/gave up after 0.5 s/)
  expect(await helper.run('echo new')).toBe('new')
})
