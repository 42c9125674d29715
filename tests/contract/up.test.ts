// Goal: bringing up a world that cannot become ready says so at once, and why.
// Method: idle containers on the real engine, one of which ends as a node with a broken start script does.
import { GenericContainer } from 'testcontainers'
import { expect, test } from 'vitest'
import { untilUp } from '../../chaos/world/up.ts'
import { smallWorld } from './harness/small-world.ts'

test('a node that ends while the world starts is told with its last words, and not waited for', async () => {
  await using world = await smallWorld('blackstart-test-up', { 'a-1': 'east' })
  await new GenericContainer('blackstart/services')
    .withEntrypoint(['sh']).withCommand(['-c', 'sleep 1; echo "a-10: no such setting" >&2; exit 4'])
    .withLabels({ 'blackstart.world': world.name, 'blackstart.role': 'app', 'blackstart.region': 'east', 'com.docker.compose.service': 'a-10' })
    .start()
  const startedMs = performance.now()
  const failure = await untilUp({ engine: world.engine, world: world.name }).catch((error: unknown) => error as Error)
  expect(String(failure)).toMatch(/^EnvironmentError: the world blackstart-test-up will not be ready: a-10 ended by itself\na-10 \(exited\) said last:\n  .*a-10: no such setting$/)
  expect(performance.now() - startedMs).toBeLessThan(20_000)
})
