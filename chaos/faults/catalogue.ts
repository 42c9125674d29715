/** Every fault kind there is. */
import type { FaultKind } from '../scenarios/schema.ts'
import type { Fault } from './fault.ts'
import { hang } from './hang.ts'
import { kill } from './kill.ts'
import { none } from './none.ts'
import { refuse } from './refuse.ts'

export const catalogue: Record<FaultKind, Fault> = { none, kill, hang, refuse }
