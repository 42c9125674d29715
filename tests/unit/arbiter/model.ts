/**
 * The taking of the leader key as a small machine, searched exhaustively: four database nodes, `/sync`, the key, and an
 * arbiter that may act at any moment and on no evidence at all. Messages are lost or late by not being taken; every
 * order of steps is tried.
 *
 * What it takes for granted, and where the real thing has it from:
 * - etcd's transactions are atomic, and every write in them compares the revisions it was based on;
 * - Patroni writes to `/sync` only what is true (its QuorumStateResolver), and a standby follows the holder of the key
 *   once it knows it;
 * - a standby has one source at a time; a promoted node has replayed all it had received;
 * - a primary that stopped being one without noticing takes the key back only if it knows of no later timeline;
 * - between the gate's signature and the promotion, some 50 ms, the key is not lost: its lease is 20 s old at least
 *   before that.
 */
import { successorSync } from '../../../services/arbiter/decide.ts'

/** Whoever was primary first, one standby beside it, and two in the other region. */
export const nodes = [0, 1, 2, 3] as const
interface Commit {
  copies: number
  of: number[]
}
/** A leader or standbys that nobody is count as ghosts. */
export interface Claim {
  leader: number | null
  standbys: number[]
  quorum: number
  ghosts: number
}

export interface State {
  /** The writes each node has, in order. */
  logs: number[][]
  up: boolean[]
  primary: boolean[]
  timeline: number[]
  /** Whom a node receives from. */
  source: (number | null)[]
  commit: Commit[]
  /** The revision of `/sync` that a primary knows. */
  known: number[]
  /** What the gate saw: revision of `/sync` and tenure of the key. */
  looked: (readonly [number, number] | null)[]
  signed: boolean[]
  key: number | null
  tenure: number
  claim: Claim
  revision: number
  acked: number[]
  /** The latest timeline that anybody was promoted to, as `/history` tells. */
  history: number
  written: number
  acts: number
  losses: number
  crashes: number
  shrinks: number
}

/** Parts that can be left out, to see that the search notices. */
export interface Rules {
  gate: boolean
  fence: boolean
  signature: boolean
  truthfulSync: boolean
}
export interface Budget {
  writes: number
  acts: number
  losses: number
  crashes: number
  shrinks: number
}
export const allRules: Rules = { gate: true, fence: true, signature: true, truthfulSync: true }

export interface Found {
  broken: string
  steps: string[]
}
export interface Searched {
  states: number
  promotions: number
  found: Found | undefined
}

const start: State = {
  logs: [[], [], [], []],
  up: [true, true, true, true],
  primary: [true, false, false, false],
  timeline: [1, 0, 0, 0],
  source: [null, 0, 0, 0],
  commit: [
    { copies: 2, of: [1, 2, 3] },
    { copies: 0, of: [] },
    { copies: 0, of: [] },
    { copies: 0, of: [] },
  ],
  known: [1, 0, 0, 0],
  looked: [null, null, null, null],
  signed: [false, false, false, false],
  key: 0,
  tenure: 1,
  claim: { leader: 0, standbys: [1, 2, 3], quorum: 1, ghosts: 0 },
  revision: 1,
  acked: [],
  history: 1,
  written: 0,
  acts: 0,
  losses: 0,
  crashes: 0,
  shrinks: 0,
}

/** Breadth first, so that what it finds is shortest. */
export function search(rules: Rules, budget: Budget, limit = 2_000_000): Searched {
  const seen = new Set([idOf(start)])
  let frontier: Reached[] = [{ state: start, by: undefined }]
  let promotions = 0
  while (frontier.length > 0) {
    const next: Reached[] = []
    for (const { state, by } of frontier) {
      for (const { name, to, broken } of moves(state, rules, budget)) {
        const step: Step = { name, before: by }
        if (broken) return { states: seen.size, promotions, found: { broken, steps: stepsOf(step) } }
        if (name.startsWith('promote')) promotions += 1
        const known = seen.size
        if (seen.add(idOf(to)).size === known) continue
        if (known >= limit) throw new Error(`more than ${limit} states`)
        next.push({ state: to, by: step })
      }
    }
    frontier = next
  }
  return { states: seen.size, promotions, found: undefined }
}

/** Of the states behind the frontier only the way is kept. */
interface Reached {
  state: State
  by: Step | undefined
}
interface Step {
  name: string
  before: Step | undefined
}

function stepsOf(step: Step | undefined): string[] {
  return step === undefined ? [] : [...stepsOf(step.before), step.name]
}

/**
 * What tells two states apart: revisions only by whether they are the latest, settings only where they are in force, and
 * lists of nodes by who is in them. A character holds several small numbers, each below its factor: a million long
 * texts would take most of the search's time.
 */
function idOf(state: State): string {
  const { claim } = state
  return String.fromCharCode(
    indexOf(state.key) * 8 + indexOf(claim.leader),
    (setOf(claim.standbys) * 16 + claim.quorum) * 16 + claim.ghosts,
    setOf(state.acked) * 64 + state.history,
    (((state.written * 8 + state.acts) * 8 + state.losses) * 8 + state.crashes) * 8 + state.shrinks,
    ...nodes.flatMap((node) => idOfNode(state, node)),
  )
}

function idOfNode(state: State, node: number): number[] {
  const { copies, of } = state.commit[node]!
  const isPrimary = state.primary[node]
  const holds = state.key === node
  return [
    state.logs[node]!.reduce((code, write) => code * 8 + write + 1, 0),
    ((state.up[node] ? indexOf(state.source[node]!) : 5) * 8 + (holds ? gateOf(state, node) : 0)) * 128 +
      (isPrimary ? state.timeline[node]! * 2 + (state.known[node] === state.revision ? 1 : 0) : 0),
    isPrimary || holds ? setOf(of) * 16 + copies + 1 : 0,
  ]
}

function gateOf({ signed, looked, revision, tenure }: State, node: number): number {
  if (signed[node]) return 1
  const seen = looked[node]
  return !seen ? 2 : seen[0] === revision && seen[1] === tenure ? 3 : 4
}

const indexOf = (node: number | null): number => (node === null ? 4 : node)
const setOf = (numbers: readonly number[]): number => numbers.reduce((set, number) => set | (1 << number), 0)

interface Move {
  name: string
  to: State
  broken?: string | undefined
}

function moves(state: State, rules: Rules, budget: Budget): Move[] {
  return [
    ...nodes.flatMap((node) => [
      ...replicate(state, node),
      ...serve(state, node, budget),
      ...notice(state, node),
      ...compete(state, node, rules),
    ]),
    ...loseKey(state, budget),
    ...arbitrate(state, rules, budget),
    ...give(state, budget),
    ...nodes.flatMap((node) => crash(state, node, budget)),
  ]
}

function change(state: State, edit: (copy: State) => void): State {
  // As deep as an edit goes: logs, commits and claims are replaced, never changed.
  const copy = {
    ...state,
    logs: [...state.logs],
    up: [...state.up],
    primary: [...state.primary],
    timeline: [...state.timeline],
    source: [...state.source],
    commit: [...state.commit],
    known: [...state.known],
    looked: [...state.looked],
    signed: [...state.signed],
  }
  edit(copy)
  return copy
}

function isPrefix(part: readonly number[], whole: readonly number[]): boolean {
  return part.length <= whole.length && part.every((entry, index) => entry === whole[index])
}

/** A standby receives the next write, or is rewound to a promoted node's history. */
function replicate(state: State, node: number): Move[] {
  const source = state.source[node] ?? null
  const log = state.logs[node]!
  if (source === null || !state.up[node] || !state.up[source] || state.primary[node]) return []
  const theirs = state.logs[source]!
  if (isPrefix(log, theirs)) {
    if (log.length === theirs.length) return []
    return [
      {
        name: `${node} receives ${theirs[log.length]} from ${source}`,
        to: change(state, (to) => {
          to.logs[node] = theirs.slice(0, log.length + 1)
        }),
      },
    ]
  }
  if (!state.primary[source] || isPrefix(theirs, log)) return []
  const common = log.findIndex((entry, index) => entry !== theirs[index])
  return [
    {
      name: `${node} rewinds to ${source}`,
      to: change(state, (to) => {
        to.logs[node] = log.slice(0, common)
      }),
    },
  ]
}

/** What a node does that thinks it is primary: write, acknowledge, and commit with fewer standbys. */
function serve(state: State, node: number, budget: Budget): Move[] {
  if (!state.up[node] || !state.primary[node]) return []
  const found: Move[] = []
  const log = state.logs[node]!
  const commit = state.commit[node]!
  if (state.written < budget.writes) {
    found.push({
      name: `${node} writes ${state.written}`,
      to: change(state, (to) => {
        to.logs[node] = [...log, state.written]
        to.written += 1
      }),
    })
  }
  for (const write of log) {
    if (
      state.acked.includes(write) ||
      commit.of.filter((one) => state.logs[one]!.includes(write)).length < commit.copies
    )
      continue
    const heir = state.key !== null && state.key !== node && state.primary[state.key] ? state.key : undefined
    found.push({
      name: `${node} acknowledges ${write}`,
      to: change(state, (to) => {
        to.acked = [...to.acked, write].toSorted((a, b) => a - b)
      }),
      // By one that was replaced: lost if the replacement lacks it.
      broken:
        heir !== undefined && !state.logs[heir]!.includes(write)
          ? `${node} acknowledged ${write}, which its successor ${heir} lacks`
          : undefined,
    })
  }
  if (state.shrinks < budget.shrinks) found.push(...shrink(state, node))
  return found
}

/**
 * Patroni drops a standby from what commits wait for and from `/sync`, in one step here, and only if what `/sync` then
 * says is true.
 */
function shrink(state: State, node: number): Move[] {
  const commit = state.commit[node]!
  const found: Move[] = []
  for (const gone of commit.of) {
    const of = commit.of.filter((one) => one !== gone)
    const copies = Math.min(commit.copies, of.length)
    if (copies === 0) continue
    const claim: Claim = { leader: node, standbys: of, quorum: of.length - copies, ghosts: 0 }
    if (!isTrue(state, claim) || state.known[node] !== state.revision) continue
    found.push({
      name: `${node} drops ${gone}`,
      to: change(state, (to) => {
        to.commit[node] = { copies, of }
        to.claim = claim
        to.revision += 1
        to.known[node] = to.revision
        to.shrinks += 1
      }),
    })
  }
  return found
}

/** Whether any quorum + 1 of those named have all that was acknowledged. */
function isTrue(state: State, { leader, standbys, quorum }: Claim): boolean {
  const lacking = state.acked.map(
    (write) => named({ leader, standbys }).filter((one) => !state.logs[one]!.includes(write)).length,
  )
  return lacking.every((count) => count <= quorum)
}

function named({ leader, standbys }: Pick<Claim, 'leader' | 'standbys'>): number[] {
  return leader === null ? standbys : [leader, ...standbys]
}

/** Nodes learn who holds the key: a standby follows, a primary without it steps down. */
function notice(state: State, node: number): Move[] {
  if (!state.up[node] || state.key === node) return []
  if (state.primary[node]) {
    return [
      {
        name: `${node} steps down`,
        to: change(state, (to) => {
          to.primary[node] = false
          to.source[node] = state.key
          to.timeline[node] = 0
        }),
      },
    ]
  }
  if (state.source[node] === state.key) return []
  return [
    {
      name: `${node} follows ${state.key ?? 'nobody'}`,
      to: change(state, (to) => {
        to.source[node] = state.key
      }),
    },
  ]
}

/** Anybody may get the key; a standby that has it becomes primary by way of the gate. */
function compete(state: State, node: number, rules: Rules): Move[] {
  if (!state.up[node]) return []
  if (state.key === null) return acquire(state, node)
  if (state.key !== node || state.primary[node]) return []
  const { claim } = state
  const needed = claim.leader === node ? 0 : claim.quorum + (claim.standbys.includes(node) ? 0 : 1)
  const level = named(claim).filter(
    (one) =>
      one !== node &&
      state.up[one] &&
      isPrefix(state.logs[one]!, state.logs[node]!) &&
      (!(rules.gate && rules.fence) || state.source[one] === node),
  )
  if (!rules.gate) {
    return level.length >= needed ? [promote(state, node)] : []
  }
  const found: Move[] = []
  if (state.signed[node]) found.push(promote(state, node))
  const ahead = named(claim).some(
    (one) =>
      one !== node && state.up[one] && state.source[one] === node && !isPrefix(state.logs[one]!, state.logs[node]!),
  )
  if (!state.looked[node] && !ahead && level.length >= needed) {
    found.push({
      name: `${node} is followed by ${level.join(',')}`,
      to: change(state, (to) => {
        to.looked[node] = [state.revision, state.tenure]
      }),
    })
  }
  const looked = state.looked[node]
  if (looked && !state.signed[node]) {
    const same = looked[0] === state.revision && looked[1] === state.tenure
    found.push({
      name: same ? `${node} signs` : `${node} must look again`,
      to: change(state, (to) => {
        to.looked[node] = null
        if (!same) return
        to.signed[node] = true
        if (!rules.signature) return
        to.claim = signature(state, node)
        to.revision += 1
        to.known[node] = to.revision
      }),
    })
  }
  return found
}

function acquire(state: State, node: number): Move[] {
  if (state.primary[node]) {
    if (state.timeline[node] !== state.history) return []
    return [
      {
        name: `${node} takes the key back`,
        to: change(state, (to) => {
          hold(to, node)
          to.tenure += 1
          to.known[node] = to.revision
        }),
        broken: lacks(state, node),
      },
    ]
  }
  return [
    {
      name: `${node} takes the key`,
      to: change(state, (to) => {
        succeed(to, node)
        to.tenure += 1
      }),
    },
  ]
}

/**
 * In a planned change the arbiter gives the key to a voter, without it being free in between; at any moment here,
 * whether or not the primary has stopped.
 */
function give(state: State, budget: Budget): Move[] {
  const { claim, key } = state
  if (key === null || state.acts >= budget.acts || claim.leader !== key) return []
  return claim.standbys
    .filter((node) => !state.primary[node])
    .map((node) => ({
      name: `the arbiter gives ${node} the key of ${key}`,
      to: change(state, (to) => {
        succeed(to, node)
        to.acts += 1
      }),
    }))
}

function hold(to: State, node: number): void {
  to.key = node
  to.looked[node] = null
  to.signed[node] = false
}

/** A standby gets the key. */
function succeed(to: State, node: number): void {
  hold(to, node)
  // Patroni sets this before the gate, by `/sync` as it is now.
  const { claim } = to
  const of = named(claim).filter((one) => one !== node)
  const members = named(claim).length + claim.ghosts
  const inside = claim.leader === node || claim.standbys.includes(node)
  to.commit[node] = { copies: members - claim.quorum - (inside ? 1 : 0), of }
}

function signature(state: State, node: number): Claim {
  return signed(state.claim, node, state.commit[node]!)
}

/**
 * What a node signs that will commit with any `copies` of these others: `successor` in regions/config/gate/gate.py,
 * which a contract test compares.
 */
export function signed(claim: Claim, node: number, commit: { copies: number; of: readonly number[] }): Claim {
  const members = new Set([...named(claim), node])
  const extra = commit.of.filter((one) => !members.has(one)).length
  const others = [...new Set([...members, ...commit.of])].filter((one) => one !== node).toSorted()
  return {
    leader: node,
    standbys: others,
    ghosts: claim.ghosts,
    quorum: Math.max(claim.quorum + extra, others.length + claim.ghosts - commit.copies),
  }
}

function promote(state: State, node: number): Move {
  return {
    name: `promote ${node}`,
    broken: lacks(state, node),
    to: change(state, (to) => {
      to.primary[node] = true
      to.history += 1
      to.timeline[node] = to.history
      to.source[node] = null
      to.looked[node] = null
      to.signed[node] = false
      to.known[node] = to.revision
    }),
  }
}

function lacks(state: State, node: number): string | undefined {
  const lost = state.acked.filter((write) => !state.logs[node]!.includes(write))
  return lost.length > 0 ? `${node} is primary without acknowledged ${lost.join(', ')}` : undefined
}

/** The lease ends, or somebody deletes the key, whoever holds it and however well it is. */
function loseKey(state: State, budget: Budget): Move[] {
  if (state.key === null || state.losses >= budget.losses) return []
  return [
    {
      name: `${state.key} loses the key`,
      to: change(state, (to) => {
        to.key = null
        to.losses += 1
      }),
    },
  ]
}

/**
 * The arbiter, at any moment, counting on any of the voters, and giving the key to any of those; or to nobody, where
 * who was given it lets it go.
 */
function arbitrate(state: State, rules: Rules, budget: Budget): Move[] {
  const { claim } = state
  if (state.key === null || state.acts >= budget.acts || claim.leader !== state.key) return []
  return subsets(claim.standbys)
    .filter((counted) => counted.length >= Math.max(2, claim.quorum + 1))
    .flatMap((counted) => {
      const after = successorSync(
        {
          leader: String(claim.leader),
          standbys: [
            ...claim.standbys.map(String),
            ...Array.from({ length: claim.ghosts }, (_, index) => `departed-${index + 1}`),
          ],
          quorum: claim.quorum,
        },
        counted.map((node) => ({
          name: String(node),
          site: '',
          ageMs: 0,
          state: 'running',
          role: 'replica',
          timeline: 1,
          receivedBytes: state.logs[node]!.length,
          streaming: false,
          streamedMs: 0,
          grewMs: null,
        })),
      )
      return [null, ...counted.filter((node) => !state.primary[node])].map((successor) => ({
        name: `the arbiter takes the key from ${state.key}, counting on ${counted.join(',')}, and gives it to ${successor ?? 'nobody'}`,
        to: change(state, (to) => {
          to.key = null
          to.acts += 1
          to.revision += 1
          const voters = [after.leader, ...after.standbys]
          const standbys = voters.filter((name) => !name.startsWith('departed')).map(Number)
          to.claim = { leader: null, standbys, quorum: after.quorum, ghosts: voters.length - standbys.length }
          // What a prototype wrote: the best of them, and that either alone will do.
          if (!rules.truthfulSync)
            to.claim = { leader: standbys[0]!, standbys: standbys.slice(1), quorum: 0, ghosts: 0 }
          else if (to.claim.ghosts === 0) to.claim = { ...to.claim, leader: standbys[0]!, standbys: standbys.slice(1) }
          if (successor !== null) succeed(to, successor)
        }),
      }))
    })
}

function subsets(of: readonly number[]): number[][] {
  return of.reduce<number[][]>((all, one) => all.concat(all.map((some) => [...some, one])), [[]])
}

/** A node dies and comes back as a standby of nobody, with what it had on disk. */
function crash(state: State, node: number, budget: Budget): Move[] {
  if (!state.up[node])
    return [
      {
        name: `${node} comes back`,
        to: change(state, (to) => {
          to.up[node] = true
        }),
      },
    ]
  if (state.crashes >= budget.crashes) return []
  return [
    {
      name: `${node} dies`,
      to: change(state, (to) => {
        to.up[node] = false
        to.primary[node] = false
        to.timeline[node] = 0
        to.source[node] = null
        to.looked[node] = null
        to.signed[node] = false
        to.crashes += 1
      }),
    },
  ]
}
