/** The connection to the server. */

/** Frames of a run, or of whatever is newest, until the function that is returned is called. */
export function follow(run, { take, lost }) {
  const source = new EventSource(run === null ? '/api/frames' : `/api/frames?run=${encodeURIComponent(run)}`)
  source.onmessage = ({ data }) => take(JSON.parse(data))
  source.onerror = () => lost(source.readyState === EventSource.CLOSED)
  return () => source.close()
}

/** Gives an order, and tells why it was refused, or null. */
export async function give(order, tell) {
  try {
    await ask('/api/orders', order)
    tell(null)
  } catch (error) {
    tell(error.message)
  }
}

/** What the server answers becomes a part of a component's state, or the reason why there is no answer does. */
export async function askInto(component, path) {
  try {
    component.setState(await ask(path))
  } catch (error) {
    component.setState({ problem: error.message })
  }
}

/** What the server answers. Throws an Error with its message where it refuses. */
export async function ask(path, order) {
  const response = await fetch(
    path,
    order && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(order) },
  )
  const answer = await response.json().catch(() => ({ message: `the control room answered ${response.status}` }))
  if (!response.ok) throw new Error(answer.message)
  return answer
}
