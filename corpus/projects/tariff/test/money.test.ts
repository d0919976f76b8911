import { describe, expect, it } from "vitest";
import { formatCents, parseCents, roundCents } from "../src/money";

describe("roundCents", () => {
  it.each([
    [2.4, 2],
    [2.5, 3],
    [-2.4, -2],
    [-2.5, -3],
    [7, 7],
  ])("rounds %d to %d", (value, expected) => {
    expect(roundCents(value)).toBe(expected);
  });
});

describe("formatCents", () => {
  it("writes two digits after the point", () => {
    expect(formatCents(1205)).toBe("12.05");
    expect(formatCents(7)).toBe("0.07");
  });

  it("keeps the sign of amounts below one", () => {
    expect(formatCents(-50)).toBe("-0.50");
  });
});

describe("parseCents", () => {
  it("reads whole and partial amounts", () => {
    expect(parseCents("12.34")).toBe(1234);
    expect(parseCents("12.3")).toBe(1230);
    expect(parseCents(" 12 ")).toBe(1200);
    expect(parseCents("-0.50")).toBe(-50);
  });

  it("refuses what is no amount", () => {
    for (const text of ["", "12.345", "1,50", "abc", "1e3"]) {
      expect(() => parseCents(text)).toThrow(RangeError);
    }
  });
});
