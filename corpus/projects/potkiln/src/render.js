import { nearestCone } from "./cones.js";

/** `7:05` for 425 minutes. */
export function hours(minutes) {
  const whole = Math.round(minutes);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The segments of a timeline as a table, with the total and the hottest cone below. */
export function planTable(segments) {
  const rows = [["step", "from", "to", "begins", "takes"]];
  for (const { kind, from, to, begin, end } of segments) {
    rows.push([kind, `${from}`, `${to}`, hours(begin), hours(end - begin)]);
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join("  "),
  );
  const hottest = Math.max(...segments.map((segment) => segment.to));
  const cone = nearestCone(hottest);
  lines.push(`total ${hours(segments.at(-1).end)}, hottest ${hottest}${cone === null ? "" : ` (cone ${cone})`}`);
  return lines;
}

/** What `compare` found, in words. */
export function comparison({ worst, share }) {
  const side = worst.off > 0 ? "too hot" : "too cold";
  const percent = Math.round(share * 100);
  if (Math.round(Math.abs(worst.off)) === 0) {
    return ["as planned"];
  }
  return [
    `worst at ${hours(worst.minute)}: ${Math.round(Math.abs(worst.off))} degrees ${side}`,
    `${percent} % of the readings are close`,
  ];
}
