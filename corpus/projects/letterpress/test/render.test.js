const { render, TemplateError } = require("../src");

describe("values", () => {
  test("are filled in", () => {
    expect(render("Dear {{ name }} of {{address.city}},", { name: "Kim", address: { city: "Ulm" } })).toBe("Dear Kim of Ulm,");
    expect(render("{{ n }}{{ no }}", { n: 0, no: false })).toBe("0false");
  });

  test("are escaped unless raw", () => {
    expect(render("{{ v }}", { v: '<b title="x">&' })).toBe("&lt;b title=&quot;x&quot;&gt;&amp;");
    expect(render("{{{ v }}}", { v: "<b>" })).toBe("<b>");
  });

  test("must be there unless optional", () => {
    expect(() => render("{{ name }}", {})).toThrow(new TemplateError("there is no name"));
    expect(() => render("{{ a.b.c }}", { a: {} })).toThrow("there is no a.b.c");
    expect(render("[{{ name? }}]", {})).toBe("[]");
  });
});

describe("sections", () => {
  test("repeat for lists", () => {
    expect(render("{{#items}}<{{ title }} {{ name }}>{{/items}}", { name: "n", items: [{ title: "a" }, { title: "b" }] })).toBe("<a n><b n>");
  });

  test("are shown once for other values", () => {
    expect(render("{{#user}}{{ name }}{{/user}}{{#no}}never{{/no}}", { user: { name: "Kim" }, no: 0 })).toBe("Kim");
  });

  test("are inverted for nothing", () => {
    expect(render("{{^items}}none{{/items}}", { items: [] })).toBe("none");
    expect(render("{{^items}}none{{/items}}", { items: [1] })).toBe("");
  });

  test("nest", () => {
    const data = { rows: [{ cells: [{ v: 1 }, { v: 2 }] }, { cells: [] }] };
    expect(render("{{#rows}}({{#cells}}{{ v }}{{/cells}}{{^cells}}-{{/cells}}){{/rows}}", data)).toBe("(12)(-)");
  });

  test("must be closed in order", () => {
    expect(() => render("{{#a}}", {})).toThrow("{{#a}} is not closed");
    expect(() => render("{{#a}}{{#b}}{{/a}}{{/b}}", {})).toThrow("{{/a}} closes {{#b}}");
    expect(() => render("{{/a}}", {})).toThrow("{{/a}} closes nothing");
  });
});

test("a whole letter", () => {
  const template = "<p>Dear {{ name }},</p>\n<ul>{{#items}}\n<li>{{ title }}: {{ price }}</li>{{/items}}{{^items}}\n<li>nothing</li>{{/items}}\n</ul>\n";
  const items = [{ title: "Tea & cake", price: "4.50" }, { title: "Soup", price: "6.00" }];
  expect(render(template, { name: "Kim <k@example.org>", items })).toMatchSnapshot();
});
