/** The column by which a query of the user's names stored keys. */

/** @throws Error naming the columns that the query returned instead */
export function keyIn(row: Record<string, unknown>): string {
  const key = row['key']
  if (typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint') return String(key)
  if (key instanceof Uint8Array) return Buffer.from(key).toString('utf8')
  const found = 'key' in row ? `its "key" is ${String(key)}` : `it returned ${Object.keys(row).join(', ')}`
  throw new Error(
    `audit.writes.sql must return a column "key" with the key of each write, but ${found}: name it so, as in "select id as key from …"`,
  )
}
