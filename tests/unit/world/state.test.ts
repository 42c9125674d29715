// Goal: a world that is taken down leaves nothing of its own behind, not even what a killed drill could not clean up.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { workRoot } from '../../../chaos/roots.ts'
import { drillSocket, ownDrillSocket } from '../../../chaos/world/drill-socket.ts'
import { forgetSettings } from '../../../chaos/world/settings.ts'
import { worldFolder } from '../../../chaos/world/state.ts'

test('its folder and the socket of its drill go with it', () => {
  const world = 'blackstart-test-unit-state'
  writeFileSync(join(worldFolder(world), 'drill.log'), 'the last words')
  writeFileSync(ownDrillSocket(world), '')
  forgetSettings(world)
  expect([join(workRoot(), '.blackstart', 'worlds', world), drillSocket(world)].filter(existsSync)).toEqual([])
})

test("the socket's path is one that the system takes, however long the world's name, and a world's own", () => {
  expect(drillSocket('w'.repeat(200)).length).toBeLessThan(100)
  expect(drillSocket('one')).not.toBe(drillSocket('other'))
})
