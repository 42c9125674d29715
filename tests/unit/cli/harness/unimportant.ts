/** Makes itself unimportant, after it began a thread for orders; then it orders the command of its arguments. */
import { setPriority } from 'node:os'
import { OrderThread } from '../../../../chaos/cli/order-thread.ts'

const orders = new OrderThread()
setPriority(19)
const alive = setInterval(() => {}, 1_000)
process.stdout.write(JSON.stringify(await orders.start(process.argv.slice(2))))
clearInterval(alive)
