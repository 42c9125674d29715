/**
 * Builds what `npm pack` packs: schemas/, and dist/, which stands for chaos/ in an installed package. Node strips types in a checkout,
 * and refuses to below node_modules. Each file keeps its depth, so that what it reads and imports beside chaos/ is found
 * from dist/, too.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = join(root, '.blackstart', 'build')
const dist = join(root, 'dist')
/** What `blackstart/schemas/…` exports, and what editors find below node_modules. */
const schemas = join(root, 'schemas')
/** TypeScript that is not run here but given away as it is: to a container, or as a file to start from. */
const givenAway = ['calibrate/stub.ts', 'scenarios/templates/*.ts']

for (const folder of [built, dist, schemas]) rmSync(folder, { recursive: true, force: true })
execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
  {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  },
)
renameSync(join(built, 'chaos'), dist)
rmSync(built, { recursive: true })

const chaos = join(root, 'chaos')
const asTheyAre = globSync(['**/*.!(ts)', ...givenAway], { cwd: chaos })
for (const file of asTheyAre) {
  if (file.endsWith('.ts'))
    for (const ending of ['.js', '.d.ts']) rmSync(join(dist, file.replace(/\.ts$/, ending)), { force: true })
  mkdirSync(dirname(join(dist, file)), { recursive: true })
  cpSync(join(chaos, file), join(dist, file))
}

mkdirSync(schemas)
for (const file of globSync('*.schema.json', { cwd: join(root, 'docs') }))
  cpSync(join(root, 'docs', file), join(schemas, file))
