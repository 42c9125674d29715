/** On a terminal, adopt asks for what no file tells. Elsewhere that stays a TODO. */
import { createInterface, type Interface } from 'node:readline/promises'
import type { Draft, DraftOptions } from '../adopt/draft.ts'

type Answers = Pick<DraftOptions, 'chosen' | 'enter'>

interface Terminal {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  stderr: NodeJS.WritableStream & { isTTY?: boolean }
}

/** The draft with what the user answers; an empty answer keeps the guess. */
export async function askedOn({ stdin, stderr }: Terminal, draft: (answers: Answers) => Draft): Promise<Draft> {
  const first = draft({})
  if (stdin.isTTY !== true || stderr.isTTY !== true) return first
  using asking = closing(createInterface({ input: stdin, output: stderr }))
  const answers: Answers = {}
  const made = first.world.sites
  if (first.todo.some(({ key, text }) => key === 'sites' && text.includes('made up'))) {
    const chosen = new Map<string, string>()
    let isChanged = false
    for (const [site, { services = [] }] of Object.entries(made)) {
      if (site === 'edge' || site === 'witness') continue
      const answer = (await asking.question(`Which services stand at ${site}? [${services.join(',')}] `)).trim()
      isChanged ||= answer !== ''
      for (const name of answer === '' ? services : answer.split(/[\s,]+/)) chosen.set(name, site)
    }
    if (isChanged) answers.chosen = chosen
  }
  if (first.world.clients === undefined) {
    const answer = (await asking.question('Where do clients enter, such as http://gateway:8080? [nowhere] ')).trim()
    if (answer !== '') answers.enter = answer.split(/[\s,]+/)
  }
  return draft(answers)
}

function closing(asking: Interface): Interface & Disposable {
  return Object.assign(asking, { [Symbol.dispose]: () => asking.close() })
}
