/** The files that the page is made of: ours, and those of the libraries that it uses. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { colours } from '../report/page/style.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export const pageFiles = [
  'index.html',
  'style.css',
  'panels.css',
  'map.css',
  'icon.svg',
  'charts.js',
  'layout.js',
  'link.js',
  'list.js',
  'log.js',
  'main.js',
  'map.js',
  'orders.js',
  'pair.js',
  'panels.js',
  'strip.js',
  'view.js',
  'words.js',
] as const

/** As the page asks for it → where the package has it. */
const libraries: Record<string, [packageName: string, path: string]> = {
  'preact.js': ['preact', 'dist/preact.mjs'],
  'htm.js': ['htm', 'dist/htm.mjs'],
  'uplot.js': ['uplot', 'dist/uPlot.iife.min.js'],
  'uplot.css': ['uplot', 'dist/uPlot.min.css'],
}

export interface Asset {
  type: string
  body: Buffer
}

const require = createRequire(import.meta.url)

/** By name; undefined where there is none. Read each time: they are few, and small. */
export function assetNamed(name: string): Asset | undefined {
  if (name === 'colours.css') return { type: types['.css'] ?? '', body: Buffer.from(colours) }
  const path = pathOf(name)
  return path === undefined
    ? undefined
    : { type: types[extname(name)] ?? 'application/octet-stream', body: readFileSync(path) }
}

function pathOf(name: string): string | undefined {
  const library = libraries[name]
  if (library !== undefined) return join(packageFolder(library[0]), library[1])
  return pageFiles.some((file) => file === name) ? fileURLToPath(new URL(`./page/${name}`, import.meta.url)) : undefined
}

/** Not every package lets its package.json be asked for. */
function packageFolder(name: string): string {
  let folder = dirname(require.resolve(name))
  while (!folder.endsWith(join('node_modules', name))) {
    const above = dirname(folder)
    if (above === folder) throw new Error(`the package ${name} is not where it was installed`)
    folder = above
  }
  return folder
}
