export const ROOM = 18;
const FREE_LOSS_PER_HOUR = 0.35;
const DECAY = -Math.log(1 - FREE_LOSS_PER_HOUR) / 60;

/** Minutes that a step takes; fractions stay. */
function minutesOfStep(step) {
  switch (step.kind) {
    case "hold":
      return step.minutes;
    case "free":
      return Math.log((step.from - ROOM) / (Math.max(step.to, ROOM + 1) - ROOM)) / DECAY;
    default:
      return (Math.abs(step.to - step.from) / step.rate) * 60;
  }
}

/** The steps of a schedule, each with the minute at which it begins and ends. */
export function timeline(schedule) {
  let begin = 0;
  return schedule.steps.map((step) => {
    const end = begin + minutesOfStep(step);
    const segment = { kind: step.kind, from: step.from, to: step.to, begin, end };
    begin = end;
    return segment;
  });
}

export function totalMinutes(schedule) {
  return timeline(schedule).at(-1).end;
}

/** The planned temperature at a minute; before and after the firing it is that of the ends. */
export function temperatureAt(segments, minute) {
  if (minute <= 0) {
    return segments[0].from;
  }
  const segment = segments.find((each) => minute <= each.end);
  if (segment === undefined) {
    return segments.at(-1).to;
  }
  const passed = minute - segment.begin;
  if (segment.kind === "free") {
    return ROOM + (segment.from - ROOM) * Math.exp(-DECAY * passed);
  }
  const share = passed / (segment.end - segment.begin);
  return segment.from + (segment.to - segment.from) * share;
}
