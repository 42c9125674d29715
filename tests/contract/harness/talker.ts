// The program of a node in a small world: it answers and talks on port 7000, and on port 7001 it does as a test tells
// it. On SIGTERM it takes no more, finishes what it was asked, and ends; with STUBBORN it does not care.

import { appendFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Conversation, LocalSpeaker, nowMs, type Speaker } from './wire.ts'

const accepted = new Map<string, Conversation>()
const everyone = new Set<Conversation>()
const speaker = new LocalSpeaker(accepted)
let pending = 0

const server = createServer((socket) => {
  const conversation = new Conversation(socket, { onLine: (line) => void answer(line) })
  everyone.add(conversation)
  socket.on('close', () => everyone.delete(conversation))

  async function answer(line: string): Promise<void> {
    const [word, number = '', what = '', ...rest] = line.split(' ')
    if (word === 'talk') {
      accepted.set(number, conversation)
      conversation.talk()
    }
    if (word !== 'ask') return
    pending++
    const said = await work(what, rest).catch((error: NodeJS.ErrnoException) => error.code ?? error.message)
    pending--
    conversation.say(`answer ${number} ${said}`)
  }
})
server.listen(7000)

/**
 * `ping`; `work 500`: an answer that takes its time; `store`: more bytes on the disk; `rewrite`: other bytes where
 * there are some already.
 */
async function work(what: string, [argument]: string[]): Promise<string> {
  if (what === 'work') await delay(Number(argument))
  if (what === 'store') appendFileSync(`${process.env['DATA']}/stored`, Buffer.alloc(65_536, 1))
  if (what === 'rewrite') writeFileSync(`${process.env['DATA']}/stored`, Buffer.alloc(4_096, 2), { flag: 'r+' })
  return 'done'
}

createHttpServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  try {
    const { method, args } = JSON.parse(text || '{"method":"now","args":[]}') as {
      method: keyof Speaker
      args: never[]
    }
    const act = speaker[method].bind(speaker) as (...args: never[]) => Promise<unknown>
    response.end(JSON.stringify((await act(...args)) ?? null))
  } catch (error) {
    response.writeHead(400).end(String(error))
  }
}).listen(7001)

process.on('SIGTERM', () => void leave())

async function leave(): Promise<void> {
  if (process.env['STUBBORN']) return
  server.close()
  while (pending > 0) await delay(5)
  for (const conversation of everyone) conversation.finish()
  // Who still sends has to see the end first: bytes that meet a closed socket are answered by a reset.
  const untilMs = nowMs() + 500
  while (everyone.size > 0 && nowMs() < untilMs) await delay(5)
  process.exit(0)
}
