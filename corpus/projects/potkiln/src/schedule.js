/** A line of a schedule that can not be fired. */
export class ScheduleError extends Error {
  constructor(line, problem) {
    super(`line ${line}: ${problem}`);
    this.name = "ScheduleError";
    this.line = line;
  }
}

export const HOTTEST = 1320;

const STEPS = [
  [/^start (\d+)$/, ([celsius]) => ({ kind: "start", to: Number(celsius) })],
  [/^(ramp|cool) (\d+)\/h to (\d+)$/, ([kind, rate, to]) => ({ kind, rate: Number(rate), to: Number(to) })],
  [/^hold (\S+)$/, ([length]) => ({ kind: "hold", minutes: minutesOf(length) })],
  [/^free to (\d+)$/, ([to]) => ({ kind: "free", to: Number(to) })],
];

/** Minutes of `90m`, `2h` or `1h30m`; NaN for anything else. */
export function minutesOf(text) {
  const found = /^(?:(\d+)h)?(?:(\d+)m)?$/.exec(text);
  if (found === null || text === "") {
    return NaN;
  }
  return Number(found[1] ?? 0) * 60 + Number(found[2] ?? 0);
}

function readStep(text, line) {
  for (const [pattern, make] of STEPS) {
    const found = pattern.exec(text);
    if (found !== null) {
      return { line, ...make(found.slice(1)) };
    }
  }
  throw new ScheduleError(line, `do not know "${text}"`);
}

/** What is wrong with a step after `celsius`, or null. */
function problemOf(step, celsius) {
  if (step.to > HOTTEST) {
    return `${step.to} is hotter than ${HOTTEST}`;
  }
  if (step.rate === 0) {
    return "a rate of 0 never arrives";
  }
  if (step.kind === "hold" && !(step.minutes > 0)) {
    return "hold needs a time such as 90m or 1h30m";
  }
  if (step.kind === "ramp" && step.to <= celsius) {
    return `ramp must go up from ${celsius}`;
  }
  if ((step.kind === "cool" || step.kind === "free") && step.to >= celsius) {
    return `${step.kind} must go down from ${celsius}`;
  }
  return null;
}

/** Reads the text of a schedule: where it starts, and its steps with the temperature before each. */
export function parseSchedule(text) {
  const steps = [];
  let start = null;
  let celsius = null;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const body = raw.replace(/#.*/, "").trim().replace(/\s+/g, " ");
    if (body === "") {
      continue;
    }
    const step = readStep(body, index + 1);
    if (step.kind === "start") {
      if (start !== null) {
        throw new ScheduleError(step.line, "start is given twice");
      }
      start = step.to;
      celsius = step.to;
      continue;
    }
    if (start === null) {
      throw new ScheduleError(step.line, "the first step must be start");
    }
    const problem = problemOf(step, celsius);
    if (problem !== null) {
      throw new ScheduleError(step.line, problem);
    }
    steps.push({ ...step, from: celsius, to: step.to ?? celsius });
    celsius = step.to ?? celsius;
  }
  if (steps.length === 0) {
    throw new ScheduleError(1, "there are no steps");
  }
  return { start, steps };
}
