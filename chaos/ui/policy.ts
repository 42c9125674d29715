/** What browsers are told with every answer: what a page of ours may load, and who may show it. */
import { reportPolicy } from '../report/html.ts'

const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** Of the room itself: files of this server and nothing else; nobody may put it into a frame. */
export const roomHeaders: Readonly<Record<string, string>> = {
  ...always,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
}

/**
 * Of a run's report, whose file may be from anywhere: it may do what the report's own policy allows, whatever it says
 * itself, has no origin, and so no cookie and no orders.
 */
export const reportHeaders: Readonly<Record<string, string>> = {
  ...always,
  'content-security-policy': `${reportPolicy}; frame-ancestors 'self'; sandbox allow-scripts`,
}
