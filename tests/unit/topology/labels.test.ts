// Goal: a label that is missing or wrong is a mistake of the user's (exit status 4), and the message names the service
// and the label to write.
import { expect, test } from 'vitest'
import { codeOf } from '../../../chaos/cli/failure.ts'
import { EXIT } from '../../../chaos/errors.ts'
import { topologyFromLabels } from '../../../chaos/topology/labels.ts'

const fine = { 'blackstart.role': 'app', 'blackstart.region': 'east' }
const link = { 'blackstart.role': 'link', 'blackstart.link': 'east,west' }

test.for([
  ['no role', { 'blackstart.region': 'east' }, 'web has no label blackstart.role: give it one of app, database'],
  ['a role that there is not', { ...fine, 'blackstart.role': 'databse' }, /"databse".*did you mean "database"\?/],
  ['no place', { 'blackstart.role': 'app' }, 'web has no location label: give it blackstart.region=<name>'],
  [
    'a port that is none',
    { ...fine, 'blackstart.port.http': 'http' },
    'blackstart.port.http="http"; expected a number',
  ],
  ['a link of one site', { ...link, 'blackstart.link': 'east' }, 'blackstart.link="east"; expected two site names'],
  ['a link to nowhere', link, 'web links to "west", but no node has the label'],
  ['a time without a number', { ...fine, 'blackstart.timeout.lease': '' }, 'blackstart.timeout.lease=""; expected a'],
] as const)('%s', ([, labels, message]) => {
  const containers = [
    { service: 'other', labels: fine, endpoints: {} },
    { service: 'web', labels, endpoints: {} },
  ]
  let failure: unknown
  try {
    topologyFromLabels('w', containers)
  } catch (error) {
    failure = error
  }
  expect(() => {
    throw failure
  }).toThrow(message)
  expect(codeOf(failure)).toBe(EXIT.badUsage)
})
