const { render, send } = require("../src");

test("core", async () => {
  expect(render("{{#l}}{{ a.b }};{{/l}}{{^l}}-{{/l}}", { l: [{ a: { b: 1 } }, { a: { b: "<" } }] })).toBe("1;&lt;;");
  expect(() => render("{{#l}}", {})).toThrow("{{#l}} is not closed");
  expect(() => render("{{ q }}", {})).toThrow("there is no q");
  const mailer = { deliver: async (to) => { if (to !== "z") throw new Error("w"); } };
  expect(await send([{ to: "q", template: "", data: {} }, { to: "z", template: "", data: {} }], mailer)).toEqual({
    sent: ["z"], failed: [{ to: "q", reason: "w" }],
  });
});
