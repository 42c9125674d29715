// Kept for chaos/faults until its acts have moved to chaos/injectors; then this file goes.
export { balloon } from './docker/disk.ts'
export { starvedPeriodUs } from './docker/processor.ts'
