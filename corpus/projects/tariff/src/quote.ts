import { roundCents, type Cents } from "./money";
import { baseRate, type Zone } from "./rates";

export interface Parcel {
  grams: number;
  lengthMm: number;
  widthMm: number;
  heightMm: number;
  fragile?: boolean;
}

export interface QuoteOptions {
  orderCents?: Cents;
  freeFromCents?: Cents;
}

export interface QuoteLine {
  label: string;
  cents: Cents;
}

export interface Quote {
  zone: Zone;
  chargeableGrams: number;
  lines: QuoteLine[];
  totalCents: Cents;
}

const FRAGILE_SHARE = 0.15;
const FRAGILE_CENTS_MIN = 100;

/** What the parcel is charged for: its weight or its volume, whichever is more. */
export function chargeableGrams(parcel: Parcel): number {
  for (const value of [parcel.grams, parcel.lengthMm, parcel.widthMm, parcel.heightMm]) {
    if (!Number.isFinite(value) || value <= 0) {
      throw new RangeError(`a parcel needs positive measures, not ${value}`);
    }
  }
  const cubicCm = (parcel.lengthMm * parcel.widthMm * parcel.heightMm) / 1000;
  return Math.max(parcel.grams, Math.ceil(cubicCm / 5));
}

/** Quotes one parcel. */
export function quote(parcel: Parcel, zone: Zone, options: QuoteOptions = {}): Quote {
  const grams = chargeableGrams(parcel);
  const base = baseRate(zone, grams);
  const lines: QuoteLine[] = [{ label: `${zone} zone`, cents: base }];
  if (parcel.fragile) {
    lines.push({ label: "fragile", cents: Math.max(FRAGILE_CENTS_MIN, roundCents(base * FRAGILE_SHARE)) });
  }
  const { orderCents = 0, freeFromCents } = options;
  if (zone === "home" && freeFromCents !== undefined && orderCents >= freeFromCents) {
    lines.push({ label: "free delivery", cents: -base });
  }
  const totalCents = lines.reduce((sum, line) => sum + line.cents, 0);
  return { zone, chargeableGrams: grams, lines, totalCents };
}
