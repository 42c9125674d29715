// Goal: the control changes nothing, whatever it is aimed at.
import { expect, test } from 'vitest'
import { faultSpecSchema } from '../../../chaos/scenarios/schema.ts'
import { ordered, paper, reaching } from './reaching.ts'

test('it takes nothing away and breaks nothing', async () => {
  const { fault, order } = ordered(faultSpecSchema.parse({ kind: 'none', target: { scope: 'nothing' }, forMs: 1_000 }))
  const { asked, context } = reaching()
  await fault.prepare(order, context)
  expect(fault.effect(order, paper)).toEqual({})
  expect(asked).toEqual([{ hand: 'nothing', given: [] }])
})
