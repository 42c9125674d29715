// Goal: packets are lost by the share that was asked for, of those sites alone, and what the kernel counted is read right.
import { expect, test } from 'vitest'
import { checkSubnets, countsIn, loseSome } from '../../../chaos/engine/docker/lose.ts'

const subnets = new Map([
  ['east', '198.18.0.64/26'],
  ['north-west', '198.18.0.128/26'],
])

test('each packet of a site is met by one rule that counts and one that drops by chance, but not those of the gateways', () => {
  const gateways = ['198.18.0.65', '198.18.0.129']
  const command = loseSome('blackstart_f1', { is: 'lose', share: 0.2, from: ['north-west'], gateways, subnets })
  const its = 'arriving ip saddr 198.18.0.128/26 ip saddr != { 198.18.0.65, 198.18.0.129 }'
  expect(command).toContain(`add rule inet blackstart_f1 ${its} counter name met_0;`)
  expect(command).toContain(
    `add rule inet blackstart_f1 ${its} numgen random mod 10000 < 2000 counter name lost_0 drop`,
  )
  expect(command).not.toContain('198.18.0.64/26')
})

test('where the link relays, a handshake is lost on its way to it, as often as either of its packets would be', () => {
  const losing = { is: 'lose', share: 0.2, subnets, relays: true } as const
  const rules = (from: string[]) => loseSome('t', { ...losing, gateways, from }).split('; ')
  const gateways = ['198.18.0.65']
  const first = 'add rule inet t arriving iifname != "lo" ip saddr != { 198.18.0.65 } tcp flags & (syn | ack) == syn'
  expect(rules(['east', 'north-west'])).toContain(`${first} numgen random mod 10000 < 3600 drop`)
  expect(rules(['east'])).toContain(`${first} numgen random mod 10000 < 2000 drop`)
  const all = rules(['east'])
  const spared = all.indexOf(
    'add rule inet t arriving iifname != "lo" ip saddr != { 198.18.0.65 } tcp flags & syn == syn accept',
  )
  expect(spared).toBeGreaterThan(0)
  expect(all.findIndex((rule) => rule.includes('counter name met_0'))).toBeGreaterThan(spared)
  const { relays: _, ...passingOn } = losing
  expect(loseSome('t', { ...passingOn, gateways, from: ['east'] })).not.toContain('tcp flags')
})

test('what nft lists is told by site', () => {
  const listed = `table inet blackstart_f1 {
\tcounter met_0 {
\t\tpackets 58 bytes 4060
\t}

\tcounter lost_0 {
\t\tpackets 12 bytes 840
\t}

\tcounter met_1 {
\t\tpackets 61 bytes 4270
\t}

\tcounter lost_1 {
\t\tpackets 0 bytes 0
\t}
}`
  expect(countsIn(listed, ['east', 'north-west'])).toEqual([
    { from: 'east', met: 58, lost: 12 },
    { from: 'north-west', met: 61, lost: 0 },
  ])
  expect(() => countsIn('', ['east'])).toThrow('nothing was counted of east')
})

test('a site whose network says nothing of it is refused, with what to add', () => {
  expect(() => checkSubnets('link-east-west', ['east', 'west'], subnets)).toThrow(
    "link-east-west cannot tell which packets come from west: none of this world's networks has the label blackstart.site=west",
  )
})
