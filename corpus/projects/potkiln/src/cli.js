import { readFileSync } from "node:fs";
import { compare } from "./compare.js";
import { clock, cost } from "./energy.js";
import { LogError, parseLog } from "./log.js";
import { comparison, planTable } from "./render.js";
import { parseSchedule, ScheduleError } from "./schedule.js";
import { timeline, totalMinutes } from "./timeline.js";

class UsageError extends Error {}

const USAGE = "usage: potkiln check|plan FILE | cost FILE [--at HH:MM] [--price P] [--night P] | compare FILE LOG";

function load(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new UsageError(`can not read ${path}`);
  }
}

function amount(text, name) {
  if (!/^\d+(\.\d+)?$/.test(text ?? "")) {
    throw new UsageError(`${name} needs a price`);
  }
  return Number(text);
}

/** Options of `cost` from their words. */
function costOptions(words) {
  const options = {};
  for (let index = 0; index < words.length; index += 2) {
    const [name, value] = [words[index], words[index + 1]];
    if (name === "--at") {
      options.at = clock(value ?? "");
      if (options.at === null) {
        throw new UsageError("--at needs HH:MM");
      }
    } else if (name === "--price" || name === "--night") {
      options[name.slice(2)] = amount(value, name);
    } else {
      throw new UsageError(`unknown option ${name}`);
    }
  }
  return options;
}

const COMMANDS = {
  check(io, [file, ...rest]) {
    refuse(rest);
    const schedule = parseSchedule(load(file));
    io.out(`fine: ${schedule.steps.length} steps, ${Math.round(totalMinutes(schedule))} minutes`);
  },
  plan(io, [file, ...rest]) {
    refuse(rest);
    planTable(timeline(parseSchedule(load(file)))).forEach(io.out);
  },
  cost(io, [file, ...words]) {
    const options = costOptions(words);
    const { kWh, money } = cost(parseSchedule(load(file)), options);
    io.out(`${kWh.toFixed(1)} kWh, ${money.toFixed(2)}`);
  },
  compare(io, [file, log, ...rest]) {
    refuse(rest);
    if (log === undefined) {
      throw new UsageError("compare needs a log");
    }
    comparison(compare(parseSchedule(load(file)), parseLog(load(log)))).forEach(io.out);
  },
};

function refuse(rest) {
  if (rest.length > 0) {
    throw new UsageError(`unexpected ${rest[0]}`);
  }
}

/** Runs a command line; returns the exit code. */
export function main(words, io) {
  const [name, ...rest] = words;
  try {
    if (!Object.hasOwn(COMMANDS, name ?? "") || rest.length === 0) {
      throw new UsageError(USAGE);
    }
    COMMANDS[name](io, rest);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`potkiln: ${error.message}`);
      return 2;
    }
    if (error instanceof ScheduleError || error instanceof LogError) {
      io.err(`potkiln: ${error.message}`);
      return 1;
    }
    throw error;
  }
}
