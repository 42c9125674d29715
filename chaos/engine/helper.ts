// Kept for chaos/faults until its acts have moved to chaos/injectors; then this file goes.
export { startHelper } from './docker/helper.ts'
