/**
 * Before and after what brings up containers: removes test worlds that a killed run left behind. Only their label is
 * looked at.
 */
export { removeTestWorlds as setup, removeTestWorlds as teardown } from './chaos/world.ts'
