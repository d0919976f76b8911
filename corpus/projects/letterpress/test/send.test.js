const { send } = require("../src");

const letter = (to, template = "Hi {{ name }}", data = { name: to }) => ({ to, template, data });

test("sends one after another", async () => {
  const mailer = { deliver: jest.fn().mockResolvedValue(undefined) };
  const result = await send([letter("a"), letter("b")], mailer);
  expect(result).toEqual({ sent: ["a", "b"], failed: [] });
  expect(mailer.deliver.mock.calls).toEqual([["a", "Hi a"], ["b", "Hi b"]]);
});

test("one failure does not stop the others", async () => {
  const mailer = { deliver: jest.fn(async (to) => { if (to === "a") throw new Error("no such box"); }) };
  const result = await send([letter("a"), letter("b", "{{ oops }}"), letter("c")], mailer);
  expect(result).toEqual({
    sent: ["c"],
    failed: [{ to: "a", reason: "no such box" }, { to: "b", reason: "there is no oops" }],
  });
  expect(mailer.deliver).toHaveBeenCalledTimes(2);
});
