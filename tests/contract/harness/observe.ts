/**
 * One fault, used as a run uses it, and what clients see of it: on a new connection, on one that is idle, on one that
 * sleeps through it, and on one with bytes in flight both ways; from each side of it, and from places that it must not
 * touch.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { faultNamed } from '../../../chaos/scenarios/kinds.ts'
import type { FaultKind, FaultSpec } from '../../../chaos/scenarios/schema.ts'
import { type Ended, endedOf, type Flow, flowOf, type Reaction, reactionOf, type Times } from './sight.ts'
import { agreeOnTime, type NodeName, type Sites } from './sites.ts'
import { nowMs, type Transcript } from './wire.ts'

/** A client, and the node it talks to. */
export interface Way {
  from: NodeName | 'host'
  to: NodeName
}

export const acrossTheLink: Way[] = [
  { from: 'talker-a', to: 'talker-b' },
  { from: 'talker-b', to: 'talker-a' },
]
export const toTheNode: Way[] = [
  { from: 'talker-a', to: 'talker-b' },
  { from: 'host', to: 'talker-b' },
]
/** The other link of a, both ways, and a neighbour in b of the node that is acted on. */
function elsewhere(ways: Way[]): Way[] {
  const neighbour = ways.some(({ to }) => to === 'stubborn-b') ? 'talker-b' : 'stubborn-b'
  return [
    { from: 'talker-a', to: 'talker-c' },
    { from: 'talker-c', to: 'talker-a' },
    { from: 'host', to: neighbour },
  ]
}

export interface Sight {
  /** Opened during the fault, and asked at once. */
  fresh: Reaction
  /** The same, a second after the fault. */
  later: Reaction
  /** How long the handshake of the fresh one took, wherever it ended. Null when there was none. */
  handshakeMs: number | null
  /** There before; asked during the fault. */
  idle: Reaction
  /** There before; says nothing until after the heal. */
  sleeper: Reaction
  /** Opened after the heal. */
  again: Reaction
  /** Bytes in flight, from the client to the node (null where the node died with what it knew) and back. */
  up: Flow | null
  down: Flow
  busy: Ended
}

export interface Observation {
  kind: FaultKind
  times: Times
  /** From the first act to the last, and how long the heal took. */
  spreadMs: number
  healTookMs: number
  /** "talker-a to talker-b" → what that client sees. */
  sights: Record<string, Sight>
  /** The same of ways that the fault must not touch. */
  untouched: Record<string, Sight>
}

export interface ObserveOptions {
  ways: Way[]
  /** How long the fault lasts, in milliseconds. */
  holdMs?: number
  /** Asked on the idle connection right before the fault: what a node has begun when it comes. */
  begun?: string
  /** What new and idle connections are asked, instead of `ping`. */
  asking?: string
  /** Goes on while the fault lasts, and is waited for. */
  meanwhile?: () => Promise<void>
  /** Ways that must not notice, beside the usual. */
  alsoUntouched?: Way[]
  /** How long the new connections after the heal are waited for, and what comes late, in milliseconds. */
  settleLimitMs?: number
}

const saidAfterMs = 100
const laterMs = 1_000
const steadyMs = 300

const key = ({ from, to }: Way) => `${from} to ${to}`
const id = (way: Way, part: string) => `${part}:${way.from}>${way.to}`.replaceAll(' ', '')

/** Injects the fault, looks, heals it, looks again. */
export async function observe(sites: Sites, spec: FaultSpec, options: ObserveOptions): Promise<Observation> {
  const { ways, holdMs = 1_600, begun, asking = 'ping', meanwhile, alsoUntouched = [], settleLimitMs = 4_000 } = options
  const untouched = [...elsewhere(ways), ...alsoUntouched]
  const all = [...ways, ...untouched]
  const { speakers } = sites
  await Promise.all(Object.values(speakers).map((speaker) => speaker.forget()))
  await agreeOnTime(sites)
  await each(all, async (way) => {
    await Promise.all((['idle', 'sleeper', 'busy'] as const).map((part) => open(sites, way, part)))
    await delay(50)
    await speakers[way.from].talk(id(way, 'busy'))
  })
  await delay(steadyMs)

  const fault = faultNamed(spec.kind)
  const prepared = await fault.prepare(sites.orderOf(spec), sites.context)
  try {
    if (begun) await each(ways, (way) => speakers[way.from].ask(id(way, 'idle'), begun))
    const active = await prepared.inject(`observe-${spec.kind}`)
    await using _healed = active
    await delay(Math.max(0, active.lastActMs + saidAfterMs - nowMs()))
    await each(all, async (way) => {
      const question = ways.includes(way) ? asking : 'ping'
      await open(sites, way, 'fresh', question)
      if (!begun || !ways.includes(way)) await speakers[way.from].ask(id(way, 'idle'), question)
    })
    const going = meanwhile?.()
    await delay(Math.max(0, active.lastActMs + laterMs - nowMs()))
    await each(all, (way) => open(sites, way, 'later', 'ping'))
    await delay(Math.max(0, active.lastActMs + holdMs - nowMs()))
    await going
    const times = { faultMs: active.firstActMs, actedMs: active.lastActMs, healMs: nowMs() }
    await active.heal()
    const healTookMs = nowMs() - times.healMs
    await lookAgain(sites, all, settleLimitMs)
    const [sights, others] = [await sightsOf(sites, ways, times), await sightsOf(sites, untouched, times)]
    return {
      kind: spec.kind,
      times,
      spreadMs: active.lastActMs - active.firstActMs,
      healTookMs,
      sights,
      untouched: others,
    }
  } finally {
    await prepared.dispose()
  }
}

/**
 * After the heal: the sleepers wake, new connections come, what is late arrives; then everyone is asked once more and
 * falls silent.
 */
async function lookAgain(sites: Sites, all: Way[], limitMs: number): Promise<void> {
  const { speakers } = sites
  await each(all, async (way) => {
    const again = id(way, 'again')
    // A node that was started again does not listen at once.
    for (let tries = 1; ; tries++) {
      await open(sites, way, 'again', 'ping')
      await delay(100)
      const { opened } = await speakers[way.from].transcripts()
      if (opened[again]?.asked[0]?.answer || tries * 100 > limitMs) break
    }
    await speakers[way.from].ask(id(way, 'sleeper'), 'ping')
  })
  await untilSettled(speakers, all, limitMs)
  await Promise.all(Object.values(speakers).map((speaker) => speaker.hush()))
  await each(all, async (way) => {
    for (const part of parts) await speakers[way.from].ask(id(way, part), 'ping')
  })
  // Each answer comes after whatever was said before it on its connection.
  await untilAnswered(speakers, all, limitMs)
}

const parts = ['fresh', 'later', 'idle', 'sleeper', 'busy', 'again'] as const

/** Until every connection has answered the last question, or has ended, or the limit. */
async function untilAnswered(speakers: Sites['speakers'], all: Way[], limitMs: number): Promise<void> {
  const answered = async (way: Way) => {
    const { opened } = await speakers[way.from].transcripts()
    return parts.map((part) => opened[id(way, part)]).every((part) => part?.end || part?.asked.at(-1)?.answer)
  }
  await untilEach(all, answered, limitMs)
}

/**
 * Until every connection that is open has answered what it was asked, and the talks have moved for a moment, or the
 * limit.
 */
async function untilSettled(speakers: Sites['speakers'], all: Way[], limitMs: number): Promise<void> {
  const settled = async (way: Way) => {
    const { opened } = await speakers[way.from].transcripts()
    const parts = ['fresh', 'later', 'idle', 'sleeper'].map((part) => opened[id(way, part)])
    const busy = opened[id(way, 'busy')]
    const moves = busy?.end || (busy?.heard.at(-1)?.[1] ?? 0) > nowMs() - 200
    return moves && parts.every((part) => part?.end || part?.asked.every(({ answer }) => answer !== null))
  }
  await untilEach(all, settled, limitMs)
}

async function untilEach(all: Way[], holds: (way: Way) => Promise<boolean>, limitMs: number): Promise<void> {
  const startMs = nowMs()
  while (!(await Promise.all(all.map(holds))).every(Boolean) && nowMs() - startMs < limitMs) await delay(50)
}

async function sightsOf({ speakers }: Sites, ways: Way[], times: Times): Promise<Record<string, Sight>> {
  return Object.fromEntries(
    await Promise.all(
      ways.map(async (way) => {
        const { opened } = await speakers[way.from].transcripts()
        const { accepted } = await speakers[way.to].transcripts()
        const of = (part: string) => opened[id(way, part)] as Transcript
        const [fresh, busy, far] = [of('fresh'), of('busy'), accepted[id(way, 'busy')]]
        const sight: Sight = {
          fresh: reactionOf(fresh, times, { fresh: true }),
          later: reactionOf(of('later'), times, { fresh: true }),
          handshakeMs: fresh.connectedMs === null ? null : fresh.connectedMs - fresh.openedMs,
          idle: reactionOf(of('idle'), times),
          sleeper: reactionOf(of('sleeper'), times),
          again: reactionOf(of('again'), { ...times, healMs: Infinity }, { fresh: true }),
          up: far ? flowOf(busy, far, times) : null,
          down: flowOf(far, busy, times),
          busy: endedOf(busy, times),
        }
        return [key(way), sight] as const
      }),
    ),
  )
}

async function open({ speakers, wayTo }: Sites, way: Way, part: string, question?: string): Promise<void> {
  const { host, port } = wayTo(way.to, way.from)
  await speakers[way.from].open(id(way, part), host, port)
  if (question) await speakers[way.from].ask(id(way, part), question)
}

/** Opens one connection, asks one question, and tells what came of it within the limit. */
export async function knock(
  sites: Sites,
  way: Way,
  { question = 'ping', limitMs = 1_500 }: { question?: string; limitMs?: number } = {},
): Promise<Reaction> {
  const startMs = nowMs()
  const part = `knock${startMs}`
  await open(sites, way, part, question)
  for (;;) {
    const transcript = (await sites.speakers[way.from].transcripts()).opened[id(way, part)] as Transcript
    const over = nowMs() - startMs > limitMs
    if (over || transcript.end || transcript.asked[0]?.answer)
      return reactionOf(transcript, { faultMs: startMs, healMs: Infinity }, { fresh: true })
    await delay(20)
  }
}

async function each(ways: Way[], act: (way: Way) => Promise<void>): Promise<void> {
  await Promise.all(ways.map((way) => act(way)))
}
