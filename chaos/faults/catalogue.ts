/** Every fault kind there is, by name. Made by "npm run generate" from the files beside this one. */
import { bandwidth } from './bandwidth.ts'
import { blackhole } from './blackhole.ts'
import { cpuStarve } from './cpu-starve.ts'
import { crashLoop } from './crash-loop.ts'
import { diskFull } from './disk-full.ts'
import { diskLoss } from './disk-loss.ts'
import { drain } from './drain.ts'
import { flap } from './flap.ts'
import { hang } from './hang.ts'
import { isolate } from './isolate.ts'
import { jitter } from './jitter.ts'
import { kill } from './kill.ts'
import { loss } from './loss.ts'
import { none } from './none.ts'
import { oneWay } from './one-way.ts'
import { partial } from './partial.ts'
import { pause } from './pause.ts'
import { refuse } from './refuse.ts'
import { reset } from './reset.ts'
import { slow } from './slow.ts'
import { switchover } from './switchover.ts'

export const catalogue = {
  none,
  kill,
  pause,
  blackhole,
  'one-way': oneWay,
  hang,
  refuse,
  slow,
  jitter,
  bandwidth,
  reset,
  flap,
  partial,
  drain,
  switchover,
  'disk-full': diskFull,
  'crash-loop': crashLoop,
  'cpu-starve': cpuStarve,
  loss,
  isolate,
  'disk-loss': diskLoss,
}
