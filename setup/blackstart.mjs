#!/usr/bin/env node
// Makes this machine ready for the verb, then hands over to the command line in chaos/cli. Runs on Node 18 and without any package,
// since on a fresh checkout there is neither Node 24 nor node_modules.
import './guarded.mjs'
import { fileURLToPath } from 'node:url'
import { ready, runOnNode24 } from './program.mjs'
import { needOf } from './verbs.mjs'

const args = process.argv.slice(2)
// Before anything else is loaded: a package that is broken is no verdict.
const guarded = ['--import', new URL('./guarded.mjs', import.meta.url).href]
const machine = await ready(needOf(args))
process.exitCode = 'host' in machine ? await runOnNode24(machine.host, [...guarded, fileURLToPath(new URL('../chaos/cli/main.ts', import.meta.url)), ...args]) : machine.exitCode
