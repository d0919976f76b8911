export { backoff } from "./backoff.js";
export { FatalError } from "./errors.js";
export { Queue } from "./queue.js";
