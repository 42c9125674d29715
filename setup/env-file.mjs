/**
 * What an `.env` file says, by Compose's own rules: all programs must read the same values that Compose gives to the
 * nodes. `NAME=value` or `NAME: value`, perhaps with `export` before it; comments; a value as it stands, in single
 * quotes (then literally) or in double quotes, both also over several lines; `$NAME`, `${NAME}`, `${NAME:-else}` and
 * their like filled in, but not in single quotes; `$$` for a dollar.
 * @param {string} text
 * @param {Record<string, string | undefined>} [env] wins where one value refers to another variable
 * @returns {Map<string, string>}
 * @throws {Error} for what Compose refuses, too, naming the line and never the value
 */
export function parseEnvFile(text, env = {}) {
  const whole = text.replace(/^\uFEFF/, '')
  /** @type {Map<string, string>} */
  const values = new Map()
  /** @param {string} name */
  const lookup = (name) => env[name] ?? values.get(name)
  let at = 0
  /** @param {RegExp} pattern sticky @returns {string[] | undefined} what it finds here, which is passed over */
  const take = (pattern) => {
    pattern.lastIndex = at
    const found = pattern.exec(whole)
    at = found === null ? at : pattern.lastIndex
    return found ?? undefined
  }
  for (;;) {
    take(/(?:\s+|#.*)*/y)
    if (at >= whole.length) return values
    const line = whole.slice(0, at).split('\n').length
    const [, name, sign] = take(/(?:export[^\S\n]+)?([\w.[\]-]+)[^\S\n]*(?:([=:])[^\S\n]*|(?=\n|$))/y) ?? []
    if (name === undefined) throw new Error(`line ${line} does not begin with NAME=`)
    const value = sign === undefined ? env[name] : valueHere(line)
    if (value !== undefined) values.set(name, value)
  }

  /** @param {number} line @returns {string} */
  function valueHere(line) {
    const quoted = take(/'((?:[^\\']|\\[^])*)'|"((?:[^\\"]|\\[^])*)"/y)
    if (quoted?.[1] !== undefined) return quoted[1].replaceAll("\\'", "'")
    if (quoted?.[2] !== undefined) return fill(unescaped(quoted[2]), lookup, line)
    const [plain = ''] = take(/.*/y) ?? []
    if (/^['"]/.test(plain)) throw new Error(`line ${line} opens a quotation that nothing closes`)
    return fill(plain.replace(/ #.*$/, '').trimEnd(), lookup, line)
  }
}

/**
 * What a backslash and a letter stand for in double quotes. A dollar stays doubled, because it is not to be filled in.
 */
const ESCAPES = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['"', '"'],
  ['\\', '\\'],
  ['$', '$$'],
])

/** @param {string} text @returns {string} */
function unescaped(text) {
  return text.replaceAll(/\\([^])/g, (as, letter) => ESCAPES.get(letter) ?? as)
}

/**
 * @param {string} text
 * @param {(name: string) => string | undefined} lookup
 * @param {number} line
 * @returns {string} with every variable filled in; one that is not set is empty
 */
function fill(text, lookup, line) {
  const start = text.search(/\$(?:[A-Za-z_$]|\{)/)
  if (start < 0) return text
  const before = text.slice(0, start)
  const rest = text.slice(start + 1)
  if (rest.startsWith('$')) return `${before}$${fill(rest.slice(1), lookup, line)}`
  const bare = /^\w+/.exec(rest)?.[0]
  if (bare !== undefined) return before + (lookup(bare) ?? '') + fill(rest.slice(bare.length), lookup, line)
  const end = closing(rest)
  const [, name, sign, other = ''] = /^([A-Za-z_]\w*)(?:(:?[-+?])([^]*))?$/.exec(rest.slice(1, end)) ?? []
  if (end < 0 || name === undefined)
    throw new Error(
      `line ${line} has a \${ that is no variable's: write $$ for a dollar, or put the value in single quotes`,
    )
  const value = lookup(name)
  // With the colon, an empty value counts as none.
  const given = sign?.startsWith(':') ? Boolean(value) : value !== undefined
  if (sign?.endsWith('?') && !given) throw new Error(`line ${line} needs the variable ${name}, which is not set`)
  const chosen = sign?.endsWith('+')
    ? given
      ? fill(other, lookup, line)
      : ''
    : given || sign === undefined
      ? (value ?? '')
      : fill(other, lookup, line)
  return before + chosen + fill(rest.slice(end + 1), lookup, line)
}

/** @param {string} text begins with a brace @returns {number} where that one is closed, or -1 */
function closing(text) {
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    if (text.startsWith('${', index - 1) || index === 0) depth++
    if (text[index] === '}' && --depth === 0) return index
  }
  return -1
}
