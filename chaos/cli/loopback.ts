/**
 * Whoever imports this asks 127.0.0.1 directly, whatever proxies Node was started with. For a program that the set-up
 * did not start: Node reads the environment for its agent once, at the start, and for `fetch` at each request.
 */
import http from 'node:http'
import { askLoopbackDirectly } from '../../setup/loopback.mjs'

Object.assign(process.env, askLoopbackDirectly(process.env))
// As Node makes it, without proxies.
http.globalAgent = new http.Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5_000 })
