import { setTimeout as pause } from "node:timers/promises";
import { backoff } from "./backoff.js";
import { FatalError } from "./errors.js";

export class Queue {
  #jobs = new Map();
  #waiting = [];
  #next = 1;

  constructor({ concurrency = 1, retries = 0, backoff: pauses = {}, sleep = pause } = {}) {
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new RangeError(`concurrency must be a positive integer, not ${concurrency}`);
    }
    this.concurrency = concurrency;
    this.retries = retries;
    this.pauses = pauses;
    this.sleep = sleep;
  }

  /** Adds a job; returns its id. */
  add(kind, input, { priority = 0 } = {}) {
    const id = this.#next++;
    this.#jobs.set(id, { id, kind, input, priority, state: "waiting", attempts: 0 });
    this.#waiting.push(id);
    return id;
  }

  /** How many jobs wait. */
  get size() {
    return this.#waiting.length;
  }

  /** What became of a job; undefined when there is no such job. */
  result(id) {
    const job = this.#jobs.get(id);
    if (job === undefined) {
      return undefined;
    }
    const { state, attempts, value, error } = job;
    return state === "done" ? { state, value, attempts } : state === "failed" ? { state, error, attempts } : { state, attempts };
  }

  /** Runs jobs until none waits. */
  async run(handlers) {
    const counts = { done: 0, failed: 0 };
    const worker = async () => {
      for (let job = this.#take(); job !== undefined; job = this.#take()) {
        await this.#attempt(job, handlers[job.kind]);
        counts[job.state] += 1;
      }
    };
    await Promise.all(Array.from({ length: this.concurrency }, worker));
    return counts;
  }

  #take() {
    let best = 0;
    for (let index = 1; index < this.#waiting.length; index += 1) {
      if (this.#jobs.get(this.#waiting[index]).priority > this.#jobs.get(this.#waiting[best]).priority) {
        best = index;
      }
    }
    const [id] = this.#waiting.splice(best, 1);
    return this.#jobs.get(id);
  }

  async #attempt(job, handler) {
    if (handler === undefined) {
      Object.assign(job, { state: "failed", error: new FatalError(`no handler for ${job.kind}`) });
      return;
    }
    job.state = "running";
    for (;;) {
      job.attempts += 1;
      try {
        Object.assign(job, { value: await handler(job.input), state: "done" });
        return;
      } catch (error) {
        if (error instanceof FatalError || job.attempts > this.retries) {
          Object.assign(job, { state: "failed", error });
          return;
        }
        await this.sleep(backoff(job.attempts + 1, this.pauses));
      }
    }
  }
}
