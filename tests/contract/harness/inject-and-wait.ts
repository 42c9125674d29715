// Injects a kill and then waits for ever: something for the test to kill in the middle of a fault.
import { kill } from '../../../chaos/faults/kill.ts'
import { resolveTarget } from '../../../chaos/faults/targets.ts'
import { Engine } from '../../../chaos/world/engine.ts'
import { UndoLedger } from '../../../chaos/world/undo.ts'

const [world = ''] = process.argv.slice(2)
const engine = new Engine()
const topology = await engine.topology(world)
const undo = new UndoLedger({ world, engine, topology: () => engine.topology(world) })
const prepared = await kill.prepare(resolveTarget({ scope: 'region', name: 'east' }, topology, undefined), { engine, topology, undo, now: () => performance.now() })
await prepared.inject('orphan')
console.log('injected')
setInterval(() => {}, 60_000)
