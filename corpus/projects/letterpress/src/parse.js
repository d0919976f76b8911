const { TemplateError } = require("./errors");

const TAG = /\{\{\{\s*([\w.]+)\s*\}\}\}|\{\{\s*([#^/]?)\s*([\w.]+)(\??)\s*\}\}/g;

/** Reads a template into nodes. */
function parse(template) {
  const root = { children: [] };
  const open = [root];
  let end = 0;
  const add = (node) => open.at(-1).children.push(node);
  for (const match of template.matchAll(TAG)) {
    if (match.index > end) {
      add({ type: "text", text: template.slice(end, match.index) });
    }
    end = match.index + match[0].length;
    const [, raw, mark, path, optional] = match;
    if (raw !== undefined) {
      add({ type: "value", path: raw, raw: true, optional: false });
    } else if (mark === "") {
      add({ type: "value", path, raw: false, optional: optional === "?" });
    } else if (mark === "/") {
      const section = open.pop();
      if (section.path !== path) {
        throw new TemplateError(`{{/${path}}} closes ${section.path ? `{{#${section.path}}}` : "nothing"}`);
      }
    } else {
      const node = { type: mark === "#" ? "section" : "inverted", path, children: [] };
      add(node);
      open.push(node);
    }
  }
  if (open.length > 1) {
    throw new TemplateError(`{{#${open.at(-1).path}}} is not closed`);
  }
  if (end < template.length) {
    add({ type: "text", text: template.slice(end) });
  }
  return root.children;
}

module.exports = { parse };
