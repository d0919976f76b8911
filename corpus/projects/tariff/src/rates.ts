export type Zone = "home" | "near" | "far";

export interface Bracket {
  upToGrams: number;
  cents: number;
}

export const RATES: Record<Zone, Bracket[]> = {
  home: [
    { upToGrams: 500, cents: 390 },
    { upToGrams: 2000, cents: 520 },
    { upToGrams: 10000, cents: 890 },
  ],
  near: [
    { upToGrams: 500, cents: 690 },
    { upToGrams: 2000, cents: 980 },
    { upToGrams: 10000, cents: 1690 },
  ],
  far: [
    { upToGrams: 500, cents: 1190 },
    { upToGrams: 2000, cents: 1990 },
    { upToGrams: 10000, cents: 4290 },
  ],
};

export class TooHeavyError extends Error {
  constructor(readonly grams: number) {
    super(`no bracket holds ${grams} g`);
    this.name = "TooHeavyError";
  }
}

/** The price of the first bracket that holds the weight. */
export function baseRate(zone: Zone, grams: number): number {
  const bracket = RATES[zone].find((b) => grams < b.upToGrams);
  if (!bracket) {
    throw new TooHeavyError(grams);
  }
  return bracket.cents;
}
