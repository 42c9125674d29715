/**
 * Import this first in a program that the set-up did not start: requests to 127.0.0.1 then go there directly, also if
 * Node was started with a proxy. (Node reads the proxy settings for its agent once, at the start, and for `fetch` at
 * each request.)
 */
import { askLoopbackDirectly } from '../../setup/loopback.mjs'

Object.assign(process.env, askLoopbackDirectly(process.env))
// An import would load all that hangs on it, fetch and WebSocket included, which takes a seventh of a command's start.
const http = process.getBuiltinModule('node:http')
// As Node makes it, without proxies.
http.globalAgent = new http.Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5_000 })
