const { render } = require("../src");

test("filters", () => {
  expect(render("{{ a | upper }} {{ b | lower }} {{ c | money }}", { a: "straße", b: "ÄB", c: 1234.5 })).toBe("STRASSE äb 1234.50");
  expect(render("{{ a | upper }}", { a: "<i>" })).toBe("&lt;I&gt;");
  expect(render("{{{ a | upper }}}", { a: "<i>" })).toBe("<I>");
  expect(render("{{ a? | upper }}", {})).toBe("");
  expect(render("{{ n | money }}", { n: 0 })).toBe("0.00");
});

test("refusals", () => {
  expect(() => render("{{ a | shout }}", { a: "x" })).toThrow("there is no filter shout");
  expect(() => render("{{ a | money }}", { a: "x" })).toThrow("a is no number");
});
