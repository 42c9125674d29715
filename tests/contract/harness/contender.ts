// Takes the lock of a world and keeps it: at once, or at given moments again and again, to see who else gets it.
// Arguments: world. Standard input: a moment (ms since 1970) to take it at, or "drop". Says "taken", or why it was
// refused.
import { createInterface } from 'node:readline'
import { messageOf } from '../../../chaos/errors.ts'
import { lockWorld } from '../../../chaos/world/lock.ts'

const [world = ''] = process.argv.slice(2)
let held: Disposable | undefined

createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line === 'drop') {
      held?.[Symbol.dispose]()
      held = undefined
      console.log('dropped')
      return
    }
    // All contenders spin until the same moment: what takes microseconds must be met.
    while (Date.now() < Number(line));
    try {
      held = lockWorld(world)
      console.log('taken')
    } catch (error) {
      console.log(`refused: ${messageOf(error)}`)
    }
  })
  .on('close', () => process.exit())
console.log('here')
