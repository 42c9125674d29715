// Kept for chaos/faults until its acts have moved to chaos/injectors; then this file goes.
export { dropAll, dropNothing, helperAt, tableOf } from './docker/cut.ts'
