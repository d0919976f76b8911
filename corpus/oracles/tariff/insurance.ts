import { expect, it } from "vitest";
import { quote } from "../src/index";

const parcel = { grams: 300, lengthMm: 100, widthMm: 100, heightMm: 50 };
const insurance = (insuredCents: number) =>
  quote(parcel, "near", { insuredCents } as never).lines.find((line) => line.label === "insurance")?.cents;

it("charges one percent of what is above 50.00", () => {
  expect(insurance(31_730)).toBe(267);
  expect(insurance(105_000)).toBe(1000);
  expect(quote(parcel, "far", { insuredCents: 77_700 } as never).totalCents).toBe(1190 + 727);
});

it("charges at least 1.00", () => {
  expect(insurance(5_001)).toBe(100);
  expect(insurance(14_999)).toBe(100);
});

it("is no line up to 50.00", () => {
  expect(insurance(5_000)).toBeUndefined();
});

it("refuses a negative value", () => {
  expect(() => insurance(-1)).toThrow(RangeError);
});
