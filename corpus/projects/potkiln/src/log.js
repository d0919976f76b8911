/** A line of a log that can not be read. */
export class LogError extends Error {
  constructor(line, problem) {
    super(`log line ${line}: ${problem}`);
    this.name = "LogError";
    this.line = line;
  }
}

const HEAD = "minute,celsius";

/** Reads a controller's log: `[{ minute, celsius }]`, minutes rising. */
export function parseLog(text) {
  const lines = text.split(/\r?\n/);
  if (lines[0].trim() !== HEAD) {
    throw new LogError(1, `the head must be ${HEAD}`);
  }
  const readings = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === "") {
      continue;
    }
    const fields = line.split(",");
    if (fields.length !== 2 || fields.some((field) => !/^\s*-?\d+(\.\d+)?\s*$/.test(field))) {
      throw new LogError(index + 1, `not two numbers: ${line}`);
    }
    const [minute, celsius] = fields.map(Number);
    if (readings.length > 0 && minute <= readings.at(-1).minute) {
      throw new LogError(index + 1, `minute ${minute} does not come after ${readings.at(-1).minute}`);
    }
    readings.push({ minute, celsius });
  }
  if (readings.length === 0) {
    throw new LogError(2, "there are no readings");
  }
  return readings;
}
