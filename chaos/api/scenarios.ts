/// <reference lib="esnext.disposable" preserve="true" />
/** `import … from 'blackstart/scenarios'`: the words to write a scenario with, and the scenarios that are included. */
export {
  all,
  dcsLeader,
  fault,
  link,
  node,
  nodes,
  nothing,
  oneStandby,
  region,
  rolling,
  router,
  type Story,
  scenario,
  site,
  standbys,
  surge,
  words,
  zone,
} from '../scenarios/define.ts'
export { scenarioNamed, scenarios } from '../scenarios/library/index.ts'
export type { FaultKind, FaultSpec, LoadSpec, Objectives, Scenario, Target } from '../scenarios/schema.ts'
export { type SuiteName, selectScenarios } from '../scenarios/select.ts'
export { parseScenario } from '../scenarios/yaml.ts'
