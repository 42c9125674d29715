/** Whom an observer observes, from the names in its events. */

/** An observer may look at more than one thing of a node: "pg-east-a write". */
export function nodeOf({ subject }: { subject: string }): string {
  return subject.split(' ', 1)[0] ?? subject
}

/** "pg-east-a write", or in older journals the node alone. What else is asked of a database is its role. */
export function isOfWrites({ observer, subject }: { observer: string; subject: string }): boolean {
  return observer === 'database' && !subject.endsWith(' role')
}

/** Of one observer of one subject, and of nothing else. */
export function observerKey({ observer, subject }: { observer: string; subject: string }): string {
  return `${observer} ${subject}`
}
