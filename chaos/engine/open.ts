/** Opens the engine that runs the worlds of this machine. */
import { DockerEngine } from './docker/engine.ts'
import type { Engine } from './engine.ts'

export function openEngine(): Engine {
  return new DockerEngine()
}
