import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'

/** Never part of an image, and large. */
const NOT_INPUTS = new Set(['.git', 'node_modules', 'runs', '.blackstart'])

/**
 * @typedef {object} Build the part of a Compose service's `build:` that decides what is in the image
 * @property {string} context absolute
 * @property {string} [dockerfile]
 * @property {string} [dockerfile_inline]
 * @property {string} [target]
 * @property {Record<string, unknown>} [args]
 */

/**
 * One short name for all that goes into an image: its Dockerfile, its arguments, and the files that it copies. Equal
 * hashes mean that building again would change nothing in the image. A .dockerignore is not read: what it leaves out
 * counts, too, which at worst costs a build that finds everything in its cache.
 * @param {Build} build
 * @returns {string} 16 hexadecimal digits
 * @throws {Error} when the Dockerfile is not there
 */
export function inputsHash(build) {
  const hash = createHash('sha256')
  const text = dockerfileOf(build)
  hash.update(JSON.stringify([text, build.args ?? {}, build.target ?? '']))
  for (const source of copiedPaths(text)) addPath(hash, build.context, join(build.context, source))
  return hash.digest('hex').slice(0, 16)
}

/**
 * @param {Build} build
 * @returns {string[]} the images that this one starts or copies from, and names of its own stages among them
 */
export function imagesUsed(build) {
  return instructions(dockerfileOf(build)).flatMap((line) => [
    ...(line.match(/^FROM\s+(?:--\S+\s+)*(\S+)/i)?.slice(1) ?? []),
    ...(line.match(/^(?:COPY|ADD)\s.*--from=(\S+)/i)?.slice(1) ?? []),
    ...Array.from(line.matchAll(/--mount=\S*[=,]from=([^,\s]+)/g), ([, ref]) => String(ref)),
  ])
}

/**
 * @param {string} dockerfile its text
 * @returns {string[]} what it takes from its context, relative to it; `.` for all, also where only a shell could tell
 */
export function copiedPaths(dockerfile) {
  const paths = instructions(dockerfile).flatMap((line) => [...copySources(line), ...mountSources(line)])
  return [...new Set(paths.map(withoutGlob))].sort()
}

/** @param {string} line @returns {string[]} */
function copySources(line) {
  const copy = line.match(/^(?:COPY|ADD)\s+(.*)$/i)?.[1]
  if (copy === undefined || /(^|\s)--from=/.test(copy)) return []
  const rest = copy.replace(/^(--\S+\s+)+/, '')
  const words = rest.startsWith('[') ? parseList(rest) : rest.split(/\s+/)
  // The last word is the target. A here-document is text of the Dockerfile, a URL is not ours to watch.
  return words.slice(0, -1).filter((word) => !word.startsWith('<<') && !/^\w+:\/\//.test(word))
}

/** @param {string} line @returns {string[]} */
function mountSources(line) {
  const mounts = line.match(/--mount=\S+/g) ?? []
  return mounts
    .filter((mount) => /[=,]type=bind/.test(mount) && !/,from=/.test(mount))
    .map((mount) => mount.match(/,(?:source|src)=([^,]+)/)?.[1] ?? '.')
}

/** @param {string} text @returns {string[]} one entry an instruction, continuation lines joined */
function instructions(text) {
  return text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\s*\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
}

/** @param {string} path @returns {string} the part of it before any wildcard or variable */
function withoutGlob(path) {
  const parts = path.replace(/^\/+/, '').split('/')
  const wild = parts.findIndex((part) => /[*?[$]/.test(part))
  return (wild < 0 ? parts : parts.slice(0, wild)).join('/').replace(/\/$/, '') || '.'
}

/** @param {string} json @returns {string[]} */
function parseList(json) {
  try {
    return JSON.parse(json)
  } catch {
    // Not a list after all: the builder will say so. Until then the whole context counts.
    return ['.', '']
  }
}

/** @param {Build} build @returns {string} */
function dockerfileOf(build) {
  if (build.dockerfile_inline !== undefined) return build.dockerfile_inline
  const name = build.dockerfile ?? 'Dockerfile'
  return readFileSync(isAbsolute(name) ? name : join(build.context, name), 'utf8')
}

/** @param {import('node:crypto').Hash} hash @param {string} context @param {string} path */
function addPath(hash, context, path) {
  if (!existsSync(path)) return
  const stat = statSync(path)
  if (stat.isDirectory()) {
    const names = readdirSync(path).filter((name) => !NOT_INPUTS.has(name))
    for (const name of names.sort()) addPath(hash, context, join(path, name))
    return
  }
  // Of the permissions only "executable" survives a checkout; the others depend on who cloned.
  hash.update(JSON.stringify([relative(context, path), (stat.mode & 0o100) !== 0, stat.size]))
  hash.update(readFileSync(path))
}
