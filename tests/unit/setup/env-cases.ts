/** What stands behind `NAME=` in an `.env` file, and what Compose makes of it. HOME is /root; NONE is not set. */
export const envCases: readonly (readonly [text: string, value: string])[] = [
  ['plain', 'plain'], ['', ''], ['a b  ', 'a b'], ['a = b', 'a = b'], ['a/b&c@d:e%f', 'a/b&c@d:e%f'], ["it's", "it's"], ['say "x"', 'say "x"'], ['a\\nb\\', 'a\\nb\\'], ['a`b`;c|d', 'a`b`;c|d'],
  // Comments.
  ['a#b', 'a#b'], ['a #b', 'a'], [' #b', '#b'], ['"a # b" # c', 'a # b'], ["'a #b'", 'a #b'],
  // Quotes.
  ['""', ''], ['"  a "', '  a '], ['"a\\"b"', 'a"b'], ['"a\\\\b"', 'a\\b'], ['"a\\\\\\"b"', 'a\\"b'], ['"a\\tb\\nc"', 'a\tb\nc'], ['"a\\zb\\\'c"', 'a\\zb\\\'c'], ['"two\nlines"', 'two\nlines'],
  ["'a\\'b'", "a'b"], ["'a\\\\b\\n\\\"c'", 'a\\\\b\\n\\"c'], ["'a'b", 'a'],
  // Other variables.
  ['a$NONE', 'a'], ['a${HOME}b', 'a/rootb'], ['"$HOME$HOME"', '/root/root'], ["'a$b${HOME}'", 'a$b${HOME}'], ['a$$b', 'a$b'], ['"a\\$b"', 'a$b'], ['a\\$$b', 'a\\$b'], ['$', '$'], ['a$1$%$ b', 'a$1$%$ b'],
  ['${NONE}', ''], ['${NONE:-a b}', 'a b'], ['${NONE-${HOME}}', '/root'], ['${HOME:+yes}', 'yes'], ['${NONE:-a"b}', 'a"b'],
]
/** What Compose refuses. */
export const envRefused = ['"open', "'open", 'a${', '${HOME', '${NONE:?must}', '"a""b"']
