import { expect, it } from "vitest";
import { baseRate } from "../src/index";

it("reaches up to and including the weight", () => {
  expect(baseRate("home", 500)).toBe(390);
  expect(baseRate("near", 2000)).toBe(980);
  expect(baseRate("far", 10000)).toBe(4290);
  expect(baseRate("far", 501)).toBe(1990);
  expect(() => baseRate("far", 10001)).toThrow();
});
