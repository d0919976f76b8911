import { expect, it } from "vitest";
import { formatCents, parseCents, quote, roundCents } from "../src/index";

const parcel = { grams: 1999, lengthMm: 100, widthMm: 100, heightMm: 50 };

it("still quotes", () => {
  expect(quote({ ...parcel, fragile: true }, "near").totalCents).toBe(980 + 147);
  expect(quote(parcel, "home", { orderCents: 3000, freeFromCents: 2500 }).totalCents).toBe(0);
  expect(() => quote({ ...parcel, grams: -1 }, "home")).toThrow(RangeError);
  expect(() => quote({ ...parcel, grams: 90000 }, "home")).toThrow("90000 g");
});

it("still counts money", () => {
  expect(roundCents(-10.5)).toBe(-11);
  expect(formatCents(parseCents("-3.05"))).toBe("-3.05");
});
