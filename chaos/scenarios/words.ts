/** Targets in words. */
import type { Target } from './schema.ts'

/** "the primary's region", "region east", "the link east-west". */
export function targetWords(target: Target): string {
  switch (target.scope) {
    case 'nothing':
      return 'nothing'
    case 'nodes':
      return `nodes ${target.names.join(', ')}`
    case 'standbys':
      return target.which === 'all' ? 'all standbys' : 'one standby in the other region'
    case 'dcsLeader':
      return 'the leader of the DCS'
    case 'router':
      return target.name === 'active' ? 'the active router' : `router ${target.name}`
    case 'link':
      return `the link ${target.sites.map(siteWords).join('-')}`
    case 'node':
      return target.name === 'primary' ? 'the primary' : `node ${target.name}`
    case 'region':
      if (target.name === 'other') return 'the other region'
      return target.name === 'primary' ? "the primary's region" : `region ${target.name}`
    case 'zone':
      return target.name === 'primary' ? "the primary's zone" : `zone ${target.name}`
    case 'site':
      return `site ${target.name}`
  }
}

function siteWords(name: string): string {
  if (name === 'primary') return "(the primary's region)"
  return name === 'other' ? '(the other region)' : name
}
