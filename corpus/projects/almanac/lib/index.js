export { addDays, isDay, weekday } from "./days.js";
export { occurrences, next } from "./occurrences.js";
export { RuleError, parseRule } from "./rule.js";
