import { describe, expect, it } from "vitest";
import { TooHeavyError, chargeableGrams, quote, type Parcel } from "../src/index";

const small: Parcel = { grams: 300, lengthMm: 100, widthMm: 100, heightMm: 50 };

describe("chargeableGrams", () => {
  it("takes the weight of dense parcels", () => {
    expect(chargeableGrams(small)).toBe(300);
  });

  it("takes the volume of bulky parcels", () => {
    expect(chargeableGrams({ grams: 300, lengthMm: 400, widthMm: 300, heightMm: 200 })).toBe(4800);
  });

  it("refuses measures that are not positive", () => {
    expect(() => chargeableGrams({ ...small, grams: 0 })).toThrow(RangeError);
    expect(() => chargeableGrams({ ...small, widthMm: Number.NaN })).toThrow(RangeError);
  });
});

describe("quote", () => {
  it("picks the bracket of the zone", () => {
    expect(quote(small, "home")).toEqual({
      zone: "home",
      chargeableGrams: 300,
      lines: [{ label: "home zone", cents: 390 }],
      totalCents: 390,
    });
    expect(quote({ ...small, grams: 1500 }, "far").totalCents).toBe(1990);
  });

  it("adds a share for fragile parcels", () => {
    expect(quote({ ...small, grams: 9000, fragile: true }, "far").totalCents).toBe(4290 + 644);
  });

  it("adds at least 1.00 for fragile parcels", () => {
    expect(quote({ ...small, fragile: true }, "home").totalCents).toBe(490);
  });

  it("is free at home from the limit on, surcharges stay", () => {
    const options = { orderCents: 5000, freeFromCents: 5000 };
    expect(quote(small, "home", options).totalCents).toBe(0);
    expect(quote({ ...small, fragile: true }, "home", options).totalCents).toBe(100);
    expect(quote(small, "near", options).totalCents).toBe(690);
    expect(quote(small, "home", { ...options, orderCents: 4999 }).totalCents).toBe(390);
  });

  it("refuses what no bracket holds", () => {
    expect(() => quote({ ...small, grams: 12000 }, "home")).toThrow(TooHeavyError);
  });
});
