import { expect, it } from "vitest";
import * as tariff from "../src/index";

const { quote, toCsv } = tariff as never as { quote: typeof tariff.quote; toCsv: (q: unknown) => string };

it("writes header, lines and total", () => {
  const q = quote({ grams: 700, lengthMm: 10, widthMm: 10, heightMm: 10, fragile: true }, "far");
  expect(toCsv(q)).toBe("label,amount\r\nfar zone,19.90\r\nfragile,2.99\r\ntotal,22.89\r\n");
});

it("quotes labels with commas and quotes", () => {
  const q = { zone: "home", chargeableGrams: 1, lines: [{ label: 'box "A", large', cents: 5 }], totalCents: 5 };
  expect(toCsv(q)).toBe('label,amount\r\n"box ""A"", large",0.05\r\ntotal,0.05\r\n');
});
