/** A moment of the trial, and the observer that saw it. */

/** The true moment lies within [atMs − uncertaintyMs, atMs]. */
export interface Observation {
  atMs: number
  observer: string
  uncertaintyMs: number
}
