export { parseSchedule, ScheduleError } from "./schedule.js";
export { timeline, temperatureAt, totalMinutes } from "./timeline.js";
export { nearestCone, coneTemperature } from "./cones.js";
export { energyByMinute, cost } from "./energy.js";
export { parseLog, LogError } from "./log.js";
export { compare } from "./compare.js";
