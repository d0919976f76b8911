import { label } from "./labels.js";

/** Lines of a timeline, the newest first. */
export function timeline(events, language = "en") {
  return [...events]
    .sort(([, a], [, b]) => b - a)
    .map(([state, time]) => `${new Date(time * 1000).toISOString().slice(0, 16).replace("T", " ")} ${label(state, language)}`);
}
