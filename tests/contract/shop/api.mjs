// A small API over one table: PUT /items/<key>, GET /items/<key>, GET /healthz.
import { createServer } from 'node:http'
import pg from 'pg'

const pool = new pg.Pool({
  host: process.env.DATABASE,
  user: 'postgres',
  database: 'postgres',
  max: 5,
  connectionTimeoutMillis: 1_000,
  query_timeout: 2_000,
})
pool.on('error', () => {})

/** @param {import('node:http').IncomingMessage} request */
async function answer({ method, url = '' }) {
  const key = /^\/items\/([\w-]+)$/.exec(url)?.[1]
  if (url === '/healthz') {
    await pool.query('select 1')
    return 200
  }
  if (!key) return 404
  if (method === 'PUT') {
    await pool.query('insert into items (key) values ($1) on conflict do nothing', [key])
    return 201
  }
  const { rows } = await pool.query('select key from items where key = $1', [key])
  return rows.length > 0 ? 200 : 404
}

createServer(async (request, response) => {
  const status = await answer(request).catch(() => 503)
  response.writeHead(status).end(`${status}\n`)
}).listen(3000)
