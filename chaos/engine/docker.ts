// Kept for chaos/faults until its acts have moved to chaos/injectors; then this file goes.
export type { DockerEngine as Engine } from './docker/engine.ts'
