#!/usr/bin/env node
// Makes ready what the command line itself runs on, Node 24 and the npm packages, and hands over to it, in chaos/cli
// (dist/cli, where it was built).
// A command that needs an engine asks for it itself, once its command line is understood. This file runs on Node 18 and
// without any package.
import './guarded.mjs'
import { ready, runOnNode24 } from './program.mjs'
import { mainOf, PACKAGE_ROOT } from './roots.mjs'

const args = process.argv.slice(2)
// Loaded first: a package that is broken must not end with the exit status of a verdict.
const guarded = ['--import', new URL('./guarded.mjs', import.meta.url).href]
const machine = await ready('modules')
process.exitCode =
  'host' in machine ? await runOnNode24(machine.host, [...guarded, mainOf(PACKAGE_ROOT), ...args]) : machine.exitCode
