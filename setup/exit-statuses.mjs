/** What the exit status of a command says. The one table, for set-up and for the harness. */
export const EXIT = Object.freeze({
  met: 0,
  missed: 1,
  inconclusive: 2,
  /** The machine, the engine or the world lacks something: nothing was tried, so nothing is said about the system. */
  notReady: 3,
  /** The command line, a setting or a scenario is wrong. */
  badUsage: 4,
  /** A bug in Blackstart. */
  bug: 70,
  /** Interrupted, and healed. */
  interrupted: 130,
})
