/** What adopt tells: each guess with its reason, and what is left to do. */
import type { Draft } from '../adopt/draft.ts'

export function draftWords(
  { reasons, todo }: Draft,
  { services, compose }: { services: number; compose: readonly string[] },
): string {
  const widest = (pick: (reason: Draft['reasons'][number]) => string) =>
    Math.min(40, Math.max(0, ...reasons.map((reason) => pick(reason).length)))
  const [first, second] = [widest(({ about }) => about), widest(({ guess }) => guess)]
  return [
    `${services} ${services === 1 ? 'service' : 'services'} in ${compose.join(', ')}`,
    '',
    'guessed:',
    ...reasons.map(({ about, guess, because }) => `  ${about.padEnd(first)}  ${guess.padEnd(second)}  ${because}`),
    ...(todo.length === 0
      ? []
      : [
          '',
          'to do:',
          ...todo.flatMap(({ key, text, example }) => [
            `  ${key}: ${text}`,
            ...(example?.split('\n').map((line) => `    ${line}`) ?? []),
          ]),
        ]),
    '',
  ].join('\n')
}

/** Nothing where there is nothing to list. */
export function listed(title: string, sentences: readonly string[]): string {
  return sentences.length === 0 ? '' : [`${title}:`, ...sentences.map((sentence) => `  ${sentence}`), ''].join('\n')
}
