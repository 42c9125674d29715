// Goal: every order of the page is the command that a person would type for it, and what that command said stands beside
// it.
// Method: the commands are noted, not run; tests/contract/by-clicks and tests/chaos/control-room run them.
import { expect, test } from 'vitest'
import { CommandHands } from '../../../chaos/cli/ui-hands.ts'
import { type Order, orderSchema } from '../../../chaos/ui/orders.ts'

test.each<[Order, string]>([
  [{ do: 'fault', kind: 'kill', target: 'region:east', for: '30s' }, 'fault --world w --for 30s kill region:east'],
  [
    { do: 'fault', kind: 'slow', target: 'link:a,b', with: ['latencyMs=80'] },
    'fault --world w --with latencyMs=80 slow link:a,b',
  ],
  [{ do: 'heal' }, 'heal --world w'],
  [{ do: 'heal', faultId: 'f1' }, 'heal --world w f1'],
  [{ do: 'run', scenario: 'region-kill' }, 'run --world w region-kill'],
  [{ do: 'suite', suite: 'smoke' }, 'run --world w --suite smoke'],
  [{ do: 'replay', run: '2026-01-01T000000Z-drill' }, 'replay --world w 2026-01-01T000000Z-drill'],
  [{ do: 'up' }, 'up --world w'],
  [{ do: 'down' }, 'down --world w'],
])('%j', async (order, command) => {
  const started = Promise.withResolvers<readonly string[]>()
  const hands = new CommandHands('w', async (args) => {
    started.resolve(args)
    return { code: 3, said: 'not now' }
  })
  expect(hands.take(orderSchema.parse(order)).command).toBe(`npx blackstart ${command}`)
  expect((await started.promise).filter((word) => word !== '--').join(' ')).toBe(command)
  await expect.poll(() => hands.orders).toMatchObject([{ state: 'refused', message: 'not now' }])
})

test.each([
  { do: 'suite', suite: 'all' },
  { do: 'replay', run: '--keep' },
  { do: 'replay' },
  { do: 'up', world: 'another' },
])('%j is no order', (order) => {
  expect(orderSchema.safeParse(order).success).toBe(false)
})
