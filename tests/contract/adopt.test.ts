// Goal: what adopt guesses holds for what Compose itself makes of the files: include, extends, profiles, several files,
// .env and defaults of variables.
// Method: the command line of Docker that is there reads each file; no engine is asked. The recorded answers of the
// unit tests are held against it; RECORD=1 writes them anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rawVariables } from '../../chaos/adopt/databases.ts'
import { draftOf } from '../../chaos/adopt/draft.ts'
import { worldFileText } from '../../chaos/adopt/write.ts'
import { readComposeConfig } from '../../chaos/compose/config.ts'
import { schemaPath, stacks, withoutPlace } from '../compose/stacks.ts'

test.each(stacks)('$name', async ({ folder, files, profiles = [] }) => {
  const asked = { files, profiles, workFolder: folder, environment: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } }
  const config = withoutPlace(await readComposeConfig(asked), folder)
  const raw = rawVariables(await readComposeConfig({ ...asked, interpolate: false }))
  const text = worldFileText(draftOf(config, { compose: files, profiles, raw }), schemaPath)
  if (process.env['RECORD'] === '1') {
    writeFileSync(`${folder}/config.json`, `${JSON.stringify({ config, raw: Object.fromEntries(raw) }, null, 2)}\n`)
    writeFileSync(`${folder}/blackstart.yaml`, text)
  }
  expect(text).toBe(readFileSync(`${folder}/blackstart.yaml`, 'utf8'))
})

test('what Compose refuses is told in its own words, with what to do', async () => {
  const folder = stacks.find(({ name }) => name === 'postgres-streaming')?.folder ?? ''
  const asked = { files: ['compose.yml'], workFolder: folder, environment: { APP_PASSWORD: '' } }
  await expect(readComposeConfig(asked)).rejects.toThrow(
    /Compose refuses compose.yml: .*APP_PASSWORD.*\n {2}what to do: correct it there; "docker compose -f compose.yml config --quiet" says the same/s,
  )
})
