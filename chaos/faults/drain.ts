/**
 * drain: SIGTERM, the planned way to stop.
 *
 * Models: a rolling restart, a machine that is taken out for maintenance. The node may finish what it has begun, within
 * its own grace period; then it is killed. Of several nodes the apps are stopped first, when they have ended the
 * databases and stores, and then the others: planned maintenance does not take a database away from a running app, nor
 * the DCS from a database that hands over.
 * Does not model: an orchestrator that takes the node out of its load balancer first. The node's own `/readyz` does
 * that.
 * Heals by: starting the containers again.
 */
import { longestDrainMs } from '../limits.ts'
import { faultKind, namesOf } from './fault.ts'

export const drain = faultKind({
  kind: 'drain',
  summary: 'The target is stopped the planned way (SIGTERM)',
  models: 'the target is told to stop (SIGTERM), and may finish what it has begun',
  doesNotModel: ['an orchestrator that takes the node out of the load balancer before it is told'],
  actsOn: 'nodes',
  planned: true,
  examples: [{ target: { scope: 'node', name: 'app-west-a' } }],
  effect: ({ target }) => ({ gone: namesOf(target.nodes) }),
  proofLimitMs: longestDrainMs,
  prepare: ({ target }, { injectors }) => injectors.drain(target.nodes, target.name),
})
