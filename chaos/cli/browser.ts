/** Opens an address where there is a desktop. */
import { spawn } from 'node:child_process'

/** Elsewhere nothing happens: the address was printed, and that is all. */
export function openBrowser(address: string): void {
  const { platform, env } = process
  if (platform !== 'darwin' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return
  const child = spawn(platform === 'darwin' ? 'open' : 'xdg-open', [address], { stdio: 'ignore', detached: true })
  child.on('error', () => {}).unref()
}
