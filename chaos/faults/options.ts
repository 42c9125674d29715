/** Schemas for the options of fault kinds, with the limits that they share. */
import { z } from 'zod'
import { longestDelayMs, longestHostName } from '../limits.ts'

/** Length of a phase, in milliseconds. */
export const phaseMs = z.number().positive().max(longestDelayMs)
/** In milliseconds. Toxiproxy takes whole numbers. */
export const delayMs = z.number().int().positive().max(longestDelayMs)
/** A site of the world; `primary` and `other` mean the regions. The world's names are checked by this mark. */
export const siteName = z.string().max(longestHostName).meta({ names: 'site' })
/** A node of the world, or `other` for one in the other region. */
export const nodeName = z.string().max(longestHostName).meta({ names: 'node' })
