/** What Compose makes of somebody's files: `include`, `extends`, profiles, `.env` and variables are resolved by itself. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { EnvironmentError, messageOf, UsageError } from '../errors.ts'

/** Whatever else Compose says passes through as it is. */
const composeConfigSchema = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), z.looseObject({})),
})
export type ComposeConfig = z.infer<typeof composeConfigSchema>

export interface ComposeFiles {
  /** As the user names them, from the work folder. */
  files: readonly string[]
  profiles?: readonly string[] | undefined
  workFolder: string
  /** Added to this process's own. */
  environment?: Record<string, string>
  /** Whether `${VARIABLES}` are replaced by their values, which is the rule. */
  interpolate?: boolean
}

/** @throws UsageError with Compose's own words when it refuses the files */
export async function readComposeConfig({
  files,
  profiles = [],
  workFolder,
  environment = {},
  interpolate = true,
}: ComposeFiles): Promise<ComposeConfig> {
  const args = [
    'compose',
    ...files.flatMap((file) => ['-f', file]),
    ...profiles.flatMap((profile) => ['--profile', profile]),
    'config',
    '--format',
    'json',
    ...(interpolate ? [] : ['--no-interpolate']),
  ]
  const child = spawn('docker', args, { cwd: workFolder, env: { ...process.env, ...environment } })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  }).catch((error: unknown) => {
    throw new EnvironmentError(`cannot run docker: ${messageOf(error)}; "npx blackstart doctor" says what is missing`, {
      cause: error,
    })
  })
  const [status, said, complaints] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  if (status !== 0) throw refusal(files, complaints)
  return composeConfigSchema.parse(JSON.parse(said))
}

/** Compose's own words, without its warnings and those of Docker's command line. */
function refusal(files: readonly string[], complaints: string): Error {
  const words = complaints
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/\blevel=warning\b|^WARN/.test(line))
    .join('\n')
  if (/'compose' is not a docker command|unknown shorthand flag: 'f' in -f/.test(words))
    return new EnvironmentError(
      'Docker has no Compose plugin: install Docker Compose 2.17 or newer ("npx blackstart doctor" says how)',
    )
  const command = ['docker compose', ...files.map((file) => `-f ${file}`), 'config --quiet'].join(' ')
  return new UsageError(
    `Compose refuses ${files.join(', ') || 'the Compose file'}: ${words}\n  what to do: correct it there; "${command}" says the same`,
  )
}
