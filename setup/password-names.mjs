/** The names of the passwords, for Compose and for the harness: each component has its own. */
export const PASSWORDS = [
  'SUPERUSER',
  'REPLICATION',
  'LEDGER',
  'OBSERVER',
  'PATRONI',
  'STORE',
  'DCS',
  'DCS_PATRONI',
  'DCS_ARBITER',
].map((component) => `BLACKSTART_PASSWORD_${component}`)
