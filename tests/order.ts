import { BaseSequencer } from 'vitest/node'

type Files = Parameters<BaseSequencer['sort']>[0]

/** Suites that leave the reference world changed come last, so that nobody has to bring it up once more. */
const changing = 'tests/chaos/defects.test.ts'

export class Order extends BaseSequencer {
  override async sort(files: Files): Promise<Files> {
    const usual = await super.sort(files)
    const changes = ({ moduleId }: Files[number]): boolean => moduleId.endsWith(changing)
    return [...usual.filter((file) => !changes(file)), ...usual.filter(changes)]
  }
}
