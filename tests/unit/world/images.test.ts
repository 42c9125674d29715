// Goal: an image that is not there is pulled, and one that cannot be is told by name, with its services and the reason.
import { expect, test } from 'vitest'
import { getImages } from '../../../chaos/world/images.ts'

function machine(...images: string[]) {
  const there = new Set(images)
  return { there, hasImage: async (image: string) => there.has(image) }
}

test('what is there is not pulled', async () => {
  await getImages({ web: 'shop' }, { engine: machine('shop'), pull: () => Promise.reject(new Error('asked')) })
})

test('what is not there is pulled, once', async () => {
  const engine = machine('shop')
  const pulled: string[][] = []
  const pull = async (services: string[]) => {
    pulled.push(services)
    engine.there.add('db:17')
  }
  await getImages({ web: 'shop', db: 'db:17' }, { engine, pull })
  expect(pulled).toEqual([['db']])
})

test('what cannot be pulled is told', async () => {
  const words = [
    '"docker compose pull" ended with status 1:',
    ' db Error manifest unknown',
    ' web-1 Error Get "https://acme.example/v2/": no such host',
    'Error response from daemon: manifest unknown',
  ].join('\n')
  const images = { 'web-1': 'acme.example/shop', 'web-2': 'acme.example/shop', db: 'db:17', own: 'never' }
  await expect(
    getImages(images, { engine: machine(), pull: () => Promise.reject(new Error(words)) }),
  ).rejects.toMatchObject({
    name: 'EnvironmentError',
    message: [
      'the image acme.example/shop of web-1, web-2 is not on this machine and cannot be pulled: Get "https://acme.example/v2/": no such host',
      'the image db:17 of db is not on this machine and cannot be pulled: manifest unknown',
      'the image never of own is not on this machine and cannot be pulled',
      'what to do: correct its name, log in to where it comes from ("docker login"), or build it here',
    ].join('\n  '),
  })
})

test('an interruption stays one', async () => {
  const stop = new AbortController()
  const pull = async () => {
    stop.abort(new Error('interrupted'))
    throw stop.signal.reason
  }
  await expect(getImages({ web: 'shop' }, { engine: machine(), pull, signal: stop.signal })).rejects.toThrow(
    'interrupted',
  )
})
