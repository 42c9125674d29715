/** Watches Blackstart's own event loop: if it gets no processor time, it sees everything late. */
import { type Instruments, type Observer, Sampler } from './sampler.ts'

const intervalMs = 20

export function observeHarness({ record, now }: Instruments): Observer {
  const sampler = new Sampler({ record, now, observer: 'harness', subject: 'event loop', intervalMs })
  const timer = setInterval(() => sampler.sampled(), intervalMs)
  return {
    async stop() {
      clearInterval(timer)
      sampler.summarise()
    },
  }
}
