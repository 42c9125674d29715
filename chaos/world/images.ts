/** The images of the user's services, before anything is made of them: one that cannot be had must leave nothing behind. */
import type { Engine } from '../engine/engine.ts'
import { EnvironmentError, messageOf } from '../errors.ts'

/** Service → its image, of those that are not built. */
export type Images = Record<string, string>

/**
 * Pulls those that are not on this machine.
 * @param pull of these services; rejects with the words of whoever pulls
 * @throws EnvironmentError naming each image that is still not there, with the reason
 */
export async function getImages(
  images: Images,
  {
    engine,
    pull,
    signal,
  }: {
    engine: Pick<Engine, 'hasImage'>
    pull: (services: string[]) => Promise<void>
    signal?: AbortSignal | undefined
  },
): Promise<void> {
  const absent = await absentOf(images, engine)
  if (absent.length === 0) return
  let words = ''
  try {
    await pull(absent)
  } catch (error) {
    signal?.throwIfAborted()
    words = messageOf(error)
  }
  const refused = await absentOf(images, engine)
  if (refused.length > 0) throw new EnvironmentError(refusedWords(refused, images, words))
}

async function absentOf(images: Images, engine: Pick<Engine, 'hasImage'>): Promise<string[]> {
  const there = new Map<string, boolean>()
  for (const image of new Set(Object.values(images))) there.set(image, await engine.hasImage(image))
  return Object.keys(images).filter((service) => there.get(images[service] ?? '') === false)
}

/** A line an image. */
function refusedWords(refused: readonly string[], images: Images, words: string): string {
  const byImage = Map.groupBy(refused, (service) => images[service] ?? '')
  const lines = [...byImage].map(([image, services]) => {
    const reason = services.map((service) => reasonIn(words, service)).find((found) => found !== undefined)
    return `the image ${image} of ${services.join(', ')} is not on this machine and cannot be pulled${reason ? `: ${reason}` : ''}`
  })
  return [
    ...lines,
    'what to do: correct its name, log in to where it comes from ("docker login"), or build it here',
  ].join('\n  ')
}

/** Compose says " web Error <reason>". */
function reasonIn(words: string, service: string): string | undefined {
  return words
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line.startsWith(`${service} Error `))
    ?.slice(`${service} Error `.length)
}
