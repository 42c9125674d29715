// Goal: a helper whose start gets no answer from the engine is not left behind.
import { PassThrough } from 'node:stream'
import { afterEach, expect, test, vi } from 'vitest'
import { startHelper } from '../../../chaos/engine/docker/helper.ts'

afterEach(() => {
  vi.useRealTimers()
})

test.each([
  ['that never answers', () => new Promise(() => {}), /gave up after 15\.0 s starting a helper for rules at link-a-b/],
  ['that refuses', () => Promise.reject(new Error('cannot join network')), /cannot join network/],
])('a start %s ends with that, and with its removal', async (_, start, says) => {
  vi.useFakeTimers()
  const remove = vi.fn(async () => {})
  const stream = new PassThrough()
  const container = { attach: async () => stream, start, remove }
  const docker = { createContainer: async () => container, modem: { demuxStream: () => {} } }
  const started = startHelper({ docker } as unknown as Parameters<typeof startHelper>[0], {
    world: 'blackstart-test',
    what: 'rules at link-a-b',
    host: {},
  })
  await Promise.all([expect(started).rejects.toThrow(says), vi.runAllTimersAsync()])
  expect(remove).toHaveBeenCalledWith({ force: true })
  expect(stream.writableEnded, 'its input is closed, should it start after all').toBe(true)
})
