// The first import of a program, or a preload of it. A failure in a later import then gets its right exit status.
import { guard } from './guard.mjs'

guard()
