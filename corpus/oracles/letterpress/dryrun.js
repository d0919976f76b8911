const { send } = require("../src");

test("nothing is delivered in a dry run", async () => {
  const deliver = jest.fn();
  const letters = [
    { to: "x", template: "A{{ n }}", data: { n: 1 } },
    { to: "y", template: "{{ n }}", data: {} },
  ];
  const result = await send(letters, { deliver }, { dryRun: true });
  expect(deliver).not.toHaveBeenCalled();
  expect(result).toEqual({
    sent: [],
    failed: [{ to: "y", reason: "there is no n" }],
    rendered: [{ to: "x", text: "A1" }],
  });
  expect(await send(letters.slice(0, 1), { deliver })).toEqual({ sent: ["x"], failed: [] });
});
