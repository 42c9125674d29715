// Injects a kill and then waits for ever: something for the test to kill in the middle of a fault.

import { DockerEngine } from '../../../chaos/engine/docker/engine.ts'
import { kill } from '../../../chaos/faults/kill.ts'
import { View } from '../../../chaos/observers/view.ts'
import { fault, region } from '../../../chaos/scenarios/define.ts'
import { UndoLedger } from '../../../chaos/world/undo.ts'
import { testContext } from './context.ts'
import { orderOf } from './small-world.ts'

const [world = ''] = process.argv.slice(2)
const engine = new DockerEngine()
const topology = await engine.topology(world)
const undo = new UndoLedger({ world, engine, topology: () => engine.topology(world) })
const context = testContext({ engine, topology, undo, view: new View(), now: () => performance.now() })
const prepared = await kill.prepare(orderOf(fault('kill', region('east'), { lasting: 1 }), { context }), context)
await prepared.inject('orphan')
console.log('injected')
setInterval(() => {}, 60_000)
