/**
 * Conversations by lines of text, and what one end of them saw and when. The same code runs in the containers of a
 * small world and in the test's own process, so it imports nothing of the project.
 */
import { connect, type Socket } from 'node:net'

/** Between two lines of a talk: a hundred a second. */
export const talkEveryMs = 10
/** A line of a talk has this many bytes, its end included. */
export const lineBytes = 64

let shiftMs = 0
/** Milliseconds on the clock that all ends of a test share. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6 + shiftMs
}
/** Puts this process's clock right by what another has measured. */
export function shiftClock(byMs: number): void {
  shiftMs += byMs
}

/** How a connection ended: by the other's orderly close, by a reset, or by what the attempt to connect came to. */
export type Ending = 'closed' | 'reset' | 'refused' | 'unreachable' | 'unresolvable' | 'failed'

export interface Asked {
  text: string
  askedMs: number
  answer: string | null
  atMs: number | null
}

/** What one end of a connection saw. */
export interface Transcript {
  openedMs: number
  connectedMs: number | null
  end: { how: Ending; code: string; atMs: number } | null
  asked: Asked[]
  /** Lines of talk that this end wrote. */
  sent: number
  /** Lines of talk that arrived: number, when it was written, when it arrived. */
  heard: [n: number, sentMs: number, atMs: number][]
}

const endings: Record<string, Ending> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'unresolvable',
  EAI_AGAIN: 'unresolvable',
}

/** One end of a connection, whichever side opened it. Answers to `ask` are left to `onAsk`. */
export class Conversation {
  readonly transcript: Transcript
  readonly #socket: Socket
  #talking: NodeJS.Timeout | undefined
  #rest = ''

  constructor(
    socket: Socket,
    { openedMs = nowMs(), onLine }: { openedMs?: number; onLine?: (line: string) => void } = {},
  ) {
    this.#socket = socket
    this.transcript = { openedMs, connectedMs: null, end: null, asked: [], sent: 0, heard: [] }
    socket.setNoDelay(true)
    socket.setEncoding('utf8')
    socket.on('connect', () => {
      this.transcript.connectedMs = nowMs()
    })
    socket.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) if (!this.#understand(line)) onLine?.(line)
    })
    socket.on('end', () => this.#ended('closed', 'FIN'))
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => this.#ended(endings[code] ?? 'failed', code))
    socket.on('close', () => this.#ended('closed', ''))
  }

  /** Asks for an answer; when it comes, it stands in the transcript. */
  ask(text: string): void {
    const asked = this.transcript.asked.push({ text, askedMs: nowMs(), answer: null, atMs: null })
    this.say(`ask ${asked - 1} ${text}`)
  }

  /**
   * Writes a hundred numbered lines a second from now on. What a slow connection does not take waits in memory, as in
   * any client.
   */
  talk(): void {
    this.#talking ??= setInterval(
      () => this.say(`line ${this.transcript.sent++} ${nowMs().toFixed(2)} `.padEnd(lineBytes - 1, '.')),
      talkEveryMs,
    )
  }

  hush(): void {
    clearInterval(this.#talking)
    this.#talking = undefined
  }

  say(line: string): void {
    if (this.#socket.writable) this.#socket.write(`${line}\n`)
  }

  /** Says no more, in the orderly way. */
  finish(): void {
    this.hush()
    this.#socket.end()
  }

  drop(): void {
    this.hush()
    this.#socket.destroy()
  }

  #understand(line: string): boolean {
    const [word, number, ...rest] = line.split(' ')
    if (word === 'line') {
      this.transcript.heard.push([Number(number), Number(rest[0]), nowMs()])
      return true
    }
    const asked = word === 'answer' ? this.transcript.asked[Number(number)] : undefined
    if (!asked) return false
    asked.answer = rest.join(' ')
    asked.atMs = nowMs()
    return true
  }

  #ended(how: Ending, code: string): void {
    this.hush()
    this.transcript.end ??= { how, code, atMs: nowMs() }
  }
}

/** A place from which connections are opened, and what they saw. Over the control port each call is a request. */
export interface Speaker {
  open(id: string, host: string, port: number): Promise<void>
  ask(id: string, text: string): Promise<void>
  /** Both ends talk, until `hush`. The far end keeps its transcript under the same id. */
  talk(id: string): Promise<void>
  hush(): Promise<void>
  /** What the connections that were opened here saw, and those that others opened to here and talked on. */
  transcripts(): Promise<{ opened: Record<string, Transcript>; accepted: Record<string, Transcript> }>
  /** Drops every connection and forgets what it saw. */
  forget(): Promise<void>
  now(): Promise<number>
  shift(byMs: number): Promise<void>
}

/** A speaker in this very process. */
export class LocalSpeaker implements Speaker {
  readonly #opened = new Map<string, Conversation>()
  readonly #accepted: Map<string, Conversation>

  constructor(accepted = new Map<string, Conversation>()) {
    this.#accepted = accepted
  }

  async open(id: string, host: string, port: number): Promise<void> {
    const openedMs = nowMs()
    this.#opened.set(id, new Conversation(connect({ host, port, autoSelectFamily: false }), { openedMs }))
  }

  async ask(id: string, text: string): Promise<void> {
    this.#opened.get(id)?.ask(text)
  }

  async talk(id: string): Promise<void> {
    this.#opened.get(id)?.say(`talk ${id}`)
    this.#opened.get(id)?.talk()
  }

  async hush(): Promise<void> {
    for (const conversation of [...this.#opened.values(), ...this.#accepted.values()]) conversation.hush()
  }

  async transcripts() {
    const of = (all: Map<string, Conversation>) =>
      Object.fromEntries([...all].map(([id, { transcript }]) => [id, transcript]))
    return { opened: of(this.#opened), accepted: of(this.#accepted) }
  }

  async forget(): Promise<void> {
    for (const conversation of [...this.#opened.values(), ...this.#accepted.values()]) conversation.drop()
    this.#opened.clear()
    this.#accepted.clear()
  }

  async now(): Promise<number> {
    return nowMs()
  }

  async shift(byMs: number): Promise<void> {
    shiftClock(byMs)
  }
}
