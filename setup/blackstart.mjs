#!/usr/bin/env node
// Makes this machine ready for the verb, then hands over to the command line in chaos/cli. Runs on Node 18 and without any package,
// since on a fresh checkout there is neither Node 24 nor node_modules.
import { fileURLToPath } from 'node:url'
import { ready, runOnNode24 } from './program.mjs'
import { needOf } from './verbs.mjs'

const args = process.argv.slice(2)
const machine = await ready(needOf(args))
process.exitCode =
  'host' in machine ? await runOnNode24(machine.host, [fileURLToPath(new URL('../chaos/cli/main.ts', import.meta.url)), ...args]) : machine.exitCode
