/** What answers say, account by account, in columns: a million entries in lists that grow would cost some 80 MB. */

/** Accounts up to this number have their code in a column; a stack may have others, by which it is no larger. */
const mostInColumn = 1 << 20

/** Accounts by small number, in the order in which they were met. */
export class AccountCodes {
  /** Codes from 1 on; 0 for an account that was not met. */
  #column = new Uint32Array(1024)
  readonly #others = new Map<number, number>()
  #size = 0

  get size(): number {
    return this.#size
  }

  of(account: number): number {
    if (account >= mostInColumn) return this.#ofOther(account)
    if (account >= this.#column.length) this.#grow(account)
    const known = this.#column[account] ?? 0
    if (known > 0) return known - 1
    this.#column[account] = this.#size + 1
    return this.#size++
  }

  #ofOther(account: number): number {
    const known = this.#others.get(account)
    if (known !== undefined) return known
    this.#others.set(account, this.#size)
    return this.#size++
  }

  #grow(account: number): void {
    const longer = new Uint32Array(Math.min(mostInColumn, Math.max(2 * this.#column.length, account + 1)))
    longer.set(this.#column)
    this.#column = longer
  }
}

/**
 * Places of entries by group, as by account: all are counted first, then there is room, then each gets its place, in the
 * same order.
 */
export class Groups {
  readonly #sizes: number[] = []
  /** Each group's end. It is at its beginning, until the group is filled. */
  #ends = new Uint32Array(0)
  #total = 0

  count(group: number): void {
    this.#sizes[group] = (this.#sizes[group] ?? 0) + 1
    this.#total++
  }

  /** How many were counted. */
  get total(): number {
    return this.#total
  }

  /** Makes room for what was counted. */
  open(groups: number): void {
    this.#ends = new Uint32Array(groups)
    let sum = 0
    for (let i = 0; i < groups; i++) {
      this.#ends[i] = sum
      sum += this.#sizes[i] ?? 0
    }
  }

  /** The next place of the group. */
  place(group: number): number {
    const place = this.#ends[group] ?? 0
    this.#ends[group] = place + 1
    return place
  }

  /** What a column has of one group. */
  of<C extends Uint32Array | Float64Array>(group: number, column: C): C {
    return column.subarray(group === 0 ? 0 : this.#ends[group - 1], this.#ends[group]) as C
  }
}
