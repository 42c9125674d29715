import { must } from '../host/exec.mjs'
import { pull } from './pull.mjs'

/**
 * Gives an official image a name of Blackstart's own: the engine's copy, or else the registry's. An image that an older
 * checkout built here under the official name does not count, and stays as it is.
 * @param {import('../host/host.mjs').Host} host
 * @param {{ official: string, as: string }} names
 * @param {import('../host/progress.mjs').Task} task
 * @returns {Promise<import('./pull.mjs').Pulled>}
 */
export async function takeOfficial(host, { official, as }, task) {
  const pulled = (await hasOfficial(host, official)) ? { ok: true } : await pull(host, official, task)
  if (pulled.ok) await must(host, 'docker', ['tag', official, as], { limitMs: 20_000, task })
  return pulled
}

/** @param {import('../host/host.mjs').Host} host @param {string} official @returns {Promise<boolean>} */
async function hasOfficial(host, official) {
  const { code, stdout } = await host.exec(
    'docker',
    ['image', 'inspect', official, '--format', '{{json .Config.Labels}}'],
    { limitMs: 10_000 },
  )
  return code === 0 && !stdout.includes('"blackstart.image"')
}
