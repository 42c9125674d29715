/** What a fault is given, and what it acts on, in one: tests look at both. */
import type { FaultContext } from '../../../chaos/faults/fault.ts'
import { contextOn } from '../../../chaos/injectors/injectors.ts'
import type { FaultGround } from '../../../chaos/run/active-faults.ts'

export type TestContext = FaultContext & FaultGround

export function testContext(ground: FaultGround): TestContext {
  return { ...ground, ...contextOn(ground), view: ground.view }
}
