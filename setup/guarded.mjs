// The first import of a program, or a preload of it: what fails in a later one is told as what it is.
import { guard } from './guard.mjs'

guard()
