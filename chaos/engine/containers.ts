// Kept for chaos/faults until its acts have moved to chaos/injectors; then this file goes.
export { restartPolicies, startContainers, unlessDone } from './docker/containers.ts'
export { drainLimitMs } from './engine.ts'
