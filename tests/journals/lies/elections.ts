/** Lies about the DCS's elections: who told which term, and when. */
import type { EventOf } from '../../../chaos/journal/schema.ts'
import {
  added,
  all,
  change,
  changeOne,
  deadly,
  type Events,
  type Lie,
  lie,
  meanwhileMs,
  nodesOfRole,
  t0Ms,
} from './lie.ts'

type Term = EventOf<'dcs.term'>
const consistent = 'journal-consistent'
const objective = 'dcs-elections'

/** With a promise that only the terms can keep; undefined where nobody told them. */
export function promisingNoElection(events: Events): Events | undefined {
  return all(events, 'dcs.term').length === 0
    ? undefined
    : change(events, 'trial.opened', ({ scenario }) => ({
        scenario: { ...scenario, objectives: { ...scenario.objectives, dcsElections: 0 } },
      }))
}

const last = (events: Events, member?: string): Term | undefined =>
  all(events, 'dcs.term').findLast((event) => member === undefined || event.member === member)
const about = (name: string, by: string, tell: (events: Events, last: Term) => Events | undefined): Lie =>
  lie('primaries', name, by, (events) => {
    const promising = promisingNoElection(events)
    const told = promising && last(promising)
    return promising && told && tell(promising, told)
  })

export const electionLies: Lie[] = [
  about('an election that one member of the DCS tells of at the very end', objective, (events, told) =>
    changeOne(events, told, ({ term }) => ({ term: term + 1 })),
  ),
  about('no majority of the DCS was asked for its term in the end', objective, (events) =>
    change(events, 'dcs.term', ({ confirmed }) => (confirmed ? null : undefined)),
  ),
  about('what a majority of the DCS says was asked for before the load ended', objective, (events) => {
    const ended = all(events, 'load.ended')[0]?.atMs ?? 0
    return change(events, 'dcs.term', ({ confirmed }) => (confirmed ? { heardMs: ended - 1 } : undefined))
  }),
  about('a majority of the DCS knows an older term than a member', consistent, (events, told) => {
    const other = all(events, 'dcs.term').find(({ confirmed, member }) => confirmed && member !== told.member)
    if (other === undefined) return undefined
    const { confirmed: _, ...unconfirmed } = other
    const heardMs = Math.min(other.heardMs, told.heardMs) - 20
    return change(
      added(events, [{ ...unconfirmed, term: other.term + 1, heardMs, atMs: heardMs + 1 }]),
      'dcs.term',
      ({ confirmed, member, term }) => (confirmed && member === other.member ? { term: term + 1 } : undefined),
    )
  }),
  about('members of the DCS tell their term from after the fault on', objective, (events, told) => {
    const faultMs = t0Ms(events)
    return change(events, 'dcs.term', (event) =>
      event.member !== told.member && event.heardMs < faultMs ? null : undefined,
    )
  }),
  about('a term of the DCS goes back', consistent, (events, told) =>
    change(events, 'dcs.term', (event) =>
      event.member === told.member && event !== told ? { term: event.term + 1 } : undefined,
    ),
  ),
  about('a member of the DCS tells an older term for a moment', consistent, (events, { member, term, heardMs }) =>
    added(events, [
      { kind: 'dcs.term', member, term: term - 1, heardMs: heardMs - 20, atMs: heardMs - 19 },
      { kind: 'dcs.term', member, term, heardMs: heardMs - 10, atMs: heardMs - 9 },
    ]),
  ),
  about('what a member of the DCS is told to have said last, it said before the first', consistent, (events, told) => {
    const [first] = all(events, 'dcs.term').filter(({ member }) => member === told.member)
    return first && changeOne(events, told, () => ({ heardMs: first.heardMs - 1 }))
  }),
  about('a stranger tells the term of the DCS', consistent, (events, told) =>
    added(events, [{ ...told, member: 'etcd-nobody', atMs: told.atMs + 1 }]),
  ),
  about('a member of the DCS without a leader key, by its labels, tells its term', consistent, (events, { member }) => {
    const mute = change(events, 'dcs.leader', (event) => (event.member === member ? null : undefined))
    const unwatched = (['observer.started', 'observer.summary', 'observer.gap'] as const).reduce<Events>(
      (left, kind) => change(left, kind, ({ subject }) => (subject === member ? null : undefined)) ?? left,
      mute ?? events,
    )
    return change(unwatched, 'trial.opened', ({ topology }) => ({
      topology: {
        ...topology,
        nodes: topology.nodes.map((node) =>
          node.name === member ? { ...node, attributes: { ...node.attributes, 'dcs.leader-key': '' } } : node,
        ),
      },
    }))
  }),
  about('a term is told before it was heard', consistent, (events, told) =>
    changeOne(events, told, ({ atMs }) => ({ heardMs: atMs + 500 })),
  ),
  about('a term was heard while its observer heard nothing', consistent, (events) => {
    const { member, heardMs } = all(events, 'dcs.term').findLast(({ confirmed }) => !confirmed) as Term
    return added(events, [
      {
        kind: 'observer.gap',
        observer: 'dcs',
        subject: member,
        fromMs: heardMs - 400,
        toMs: heardMs + 10,
        atMs: heardMs + 10,
        reason: 'subject: slow to answer',
      },
    ])
  }),
  lie('faults', 'a member of the DCS that is gone tells its term', 'fault-lasted', (events) => {
    const { parts, dead } = deadly(events) ?? {}
    const member = nodesOfRole(events, 'dcs').find((name) => dead?.includes(name))
    const told = last(events, member)
    if (parts === undefined || member === undefined || told === undefined) return undefined
    const { confirmed: _, ...unconfirmed } = told
    const atMs = meanwhileMs(parts)
    return added(events, [{ ...unconfirmed, atMs, heardMs: atMs }])
  }),
]
