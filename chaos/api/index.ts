/// <reference lib="esnext.disposable" preserve="true" />
/// <reference types="node" preserve="true" />
/** `import … from 'blackstart'`: worlds, trials, journals and verdicts for programs. */
export { BlackstartError, EnvironmentError, InstrumentError, UsageError } from '../errors.ts'
export { JournalFormatError, parseJournal, type RecordedJournal, readJournal } from '../journal/read.ts'
export type { JournalEvent } from '../journal/schema.ts'
export { judge } from '../judge/judge.ts'
export type { ObjectiveResult, ValidityCheck, Verdict, VerdictName } from '../judge/verdict.ts'
export type { Scenario } from '../scenarios/schema.ts'
export type { Topology } from '../topology/topology.ts'
export type { WorldFile } from '../worldfile/schema.ts'
export type { TrialOptions } from './trial.ts'
export { openWorld, type World, type WorldOptions } from './world.ts'
