/** Temperatures at which small cones bend, at 150 degrees an hour. */
const CONES = new Map([
  ["022", 590],
  ["018", 715],
  ["014", 807],
  ["010", 891],
  ["08", 945],
  ["06", 998],
  ["04", 1063],
  ["02", 1102],
  ["1", 1137],
  ["3", 1152],
  ["5", 1186],
  ["6", 1222],
  ["8", 1249],
  ["10", 1285],
]);

export function coneTemperature(cone) {
  return CONES.get(String(cone)) ?? null;
}

/** The hottest cone that bends at a temperature, or null when none does. */
export function nearestCone(celsius) {
  let found = null;
  for (const [cone, bends] of CONES) {
    if (bends <= celsius) {
      found = cone;
    }
  }
  return found;
}
