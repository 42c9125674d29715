/** The fault kinds, for the help of `fault`. */
import { wrapped } from '../report/text.ts'
import { faultKinds, faultNamed } from '../scenarios/kinds.ts'
import { usageOf } from '../scenarios/spoken.ts'
import { width } from './output.ts'

/** Every kind in a few words, with its options. */
export function kindsHelp(): string {
  const wide = Math.max(...faultKinds.map((kind) => kind.length)) + 4
  return faultKinds
    .flatMap((kind) => {
      const told = usageOf(kind)
      return [
        ...wrapped(faultNamed(kind).models, width() - wide),
        ...(told === '' ? [] : wrapped(told, width() - wide)),
      ].map((line, index) => `${index === 0 ? `  ${kind}`.padEnd(wide) : ' '.repeat(wide)}${line}`)
    })
    .join('\n')
}
