/** Every scenario that ships, by name. */
import { UsageError, withNearest } from '../../errors.ts'
import { incidents } from '../incidents/index.ts'
import type { Scenario } from '../schema.ts'
import { appCrashLoop } from './app-crash-loop.ts'
import { backToBack } from './back-to-back.ts'
import { control } from './control.ts'
import { dcsLeaderKill } from './dcs-leader-kill.ts'
import { dcsMajorityLoss } from './dcs-majority-loss.ts'
import { evacuation } from './evacuation.ts'
import { flapAbove } from './flap-above.ts'
import { flapBelow } from './flap-below.ts'
import { linkCutRegionKill } from './link-cut-region-kill.ts'
import { oneWayIn } from './one-way-in.ts'
import { oneWayOut } from './one-way-out.ts'
import { partition } from './partition.ts'
import { primaryFreeze } from './primary-freeze.ts'
import { primaryIsolate } from './primary-isolate.ts'
import { primaryKill } from './primary-kill.ts'
import { regionBlackhole } from './region-blackhole.ts'
import { regionBlackholeBrief } from './region-blackhole-brief.ts'
import { regionHang } from './region-hang.ts'
import { regionKill } from './region-kill.ts'
import { regionKillBrief } from './region-kill-brief.ts'
import { regionPause } from './region-pause.ts'
import { rollingRestart } from './rolling-restart.ts'
import { rollingRestartDatabases } from './rolling-restart-databases.ts'
import { rollingRestartDcs } from './rolling-restart-dcs.ts'
import { rollingRestartRouters } from './rolling-restart-routers.ts'
import { rollingRestartStore } from './rolling-restart-store.ts'
import { routerFreeze } from './router-freeze.ts'
import { routerKill } from './router-kill.ts'
import { slowLink80 } from './slow-link-80.ts'
import { slowLink250 } from './slow-link-250.ts'
import { standbyDiskFull } from './standby-disk-full.ts'
import { storeFreeze } from './store-freeze.ts'
import { storeKill } from './store-kill.ts'
import { storeLoss } from './store-loss.ts'
import { switchover } from './switchover.ts'
import { switchoverRegionKill } from './switchover-region-kill.ts'
import { witnessCut } from './witness-cut.ts'
import { witnessLoss } from './witness-loss.ts'
import { zoneKill } from './zone-kill.ts'

export const scenarios: Scenario[] = [
  control,
  regionKillBrief,
  regionBlackholeBrief,
  regionKill,
  regionBlackhole,
  regionPause,
  regionHang,
  linkCutRegionKill,
  backToBack,
  zoneKill,
  primaryKill,
  primaryFreeze,
  primaryIsolate,
  partition,
  witnessCut,
  oneWayOut,
  oneWayIn,
  witnessLoss,
  dcsLeaderKill,
  dcsMajorityLoss,
  slowLink80,
  slowLink250,
  flapBelow,
  flapAbove,
  routerKill,
  routerFreeze,
  appCrashLoop,
  rollingRestart,
  rollingRestartRouters,
  rollingRestartDatabases,
  rollingRestartDcs,
  rollingRestartStore,
  storeKill,
  storeFreeze,
  storeLoss,
  switchover,
  evacuation,
  switchoverRegionKill,
  standbyDiskFull,
  ...incidents.map(({ scenario }) => scenario),
]

/** @throws UsageError with the nearest name */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((each) => each.name === name)
  if (found) return found
  const names = scenarios.map((each) => each.name)
  throw new UsageError(withNearest(`there is no scenario "${name}"`, name, names))
}
