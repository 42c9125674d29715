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
}

/** @throws UsageError with Compose's own words when it refuses the files */
export async function readComposeConfig({
  files,
  profiles = [],
  workFolder,
  environment = {},
}: ComposeFiles): Promise<ComposeConfig> {
  const args = [
    'compose',
    ...files.flatMap((file) => ['-f', file]),
    ...profiles.flatMap((profile) => ['--profile', profile]),
    'config',
    '--format',
    'json',
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
  if (status !== 0) throw new UsageError(`Compose refuses ${files.join(', ')}: ${complaints.trim()}`)
  return composeConfigSchema.parse(JSON.parse(said))
}
