// Goal: everything to and from a node is dropped and counted, but not what the engine's gateways carry, and the probe's
// own datagrams go to its neighbours alone.
import { expect, test } from 'vitest'
import { isolate, isolationIn, neighboursOf, sendTo } from '../../../chaos/engine/docker/isolate.ts'

test('both ways are dropped and counted, of IPv6 as well', () => {
  const command = isolate('blackstart_f1', ['198.18.0.65'])
  for (const [chain, iface, address, counter] of [
    ['arriving', 'iifname', 'saddr', 'arrived'],
    ['leaving', 'oifname', 'daddr', 'left'],
  ]) {
    const its = `add rule inet blackstart_f1 ${chain} ${iface} != "lo"`
    expect(command).toContain(`${its} ip ${address} != { 198.18.0.65 } counter name ${counter} drop`)
    expect(command).toContain(`${its} meta nfproto ipv6 counter name ${counter} drop`)
  }
})

test('without a gateway nobody is spared', () => {
  const command = isolate('blackstart_f1', [])
  expect(command).toContain('arriving iifname != "lo" counter name arrived drop')
  expect(command).not.toContain('addr')
})

test('datagrams go to each neighbour, three times', () => {
  const command = sendTo(['198.18.0.66', '198.18.0.130'])
  expect(command.match(/198\.18\.0\.\d+/g)).toEqual([
    ...Array.from({ length: 3 }, () => '198.18.0.66'),
    ...Array.from({ length: 3 }, () => '198.18.0.130'),
  ])
})

test.each([
  ['host', "the engine's machine"],
  ['container:0123', 'another container'],
])('a node with network_mode %s is refused, since somebody else would be cut off', async (NetworkMode, whose) => {
  const seen = { HostConfig: { NetworkMode }, NetworkSettings: { Networks: {} } }
  await expect(neighboursOf({} as never, 'db-1', seen as never, [])).rejects.toThrow(
    `db-1 shares the network of ${whose} (network_mode), which would be cut off with it`,
  )
})

test('what nft lists is told', () => {
  const listed =
    'table inet t {\n\tcounter arrived {\n\t\tpackets 7 bytes 420\n\t}\n\tcounter left {\n\t\tpackets 3 bytes 99\n\t}\n}'
  expect(isolationIn(listed)).toEqual({ arrived: 7, left: 3 })
  expect(() => isolationIn('')).toThrow('nothing was counted')
})
