const { render } = require("../src");

test("apostrophes are escaped", () => {
  expect(render("{{ v }}", { v: "it's 'x' & \"y\"" })).toBe("it&#39;s &#39;x&#39; &amp; &quot;y&quot;");
  expect(render("{{{ v }}}", { v: "it's" })).toBe("it's");
});
