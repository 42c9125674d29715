/** Settings of the arbiter and its lookouts, from the environment, checked once at the start. */
export interface Place {
  site: string
  name: string
  port: number
}

/** `east/pg-east-a:8401,west/pg-west-a:8403` */
export function parsePlaces(variable: string, text: string | undefined): Place[] {
  if (!text) throw new Error(`${variable} is not set; expected site/host:port, separated by commas`)
  return text.split(',').map((entry) => {
    const [, site, name, port] = /^([\w-]+)\/([\w.-]+):(\d+)$/.exec(entry.trim()) ?? []
    if (!site || !name) throw new Error(`${variable} holds "${entry}"; expected site/host:port, separated by commas`)
    return { site, name, port: Number(port) }
  })
}

export function required(variable: string): string {
  const text = process.env[variable]
  if (!text) throw new Error(`${variable} is not set`)
  return text
}

/** A whole number of milliseconds within bounds. */
export function milliseconds(variable: string, fallback: number, { min, max }: { min: number; max: number }): number {
  const text = process.env[variable]
  if (!text) return fallback
  const value = Number(text)
  if (!Number.isInteger(value) || value < min || value > max)
    throw new Error(`${variable} must be a whole number from ${min} to ${max}, not "${text}"`)
  return value
}

export const modes = ['on', 'observe', 'off'] as const
export type Mode = (typeof modes)[number]

export function modeOf(text: string | undefined): Mode {
  const mode = modes.find((one) => one === (text || 'on'))
  if (!mode) throw new Error(`ARBITER must be one of ${modes.join(', ')}, not "${text}"`)
  return mode
}
