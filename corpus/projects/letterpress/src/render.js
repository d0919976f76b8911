const { parse } = require("./parse");
const { TemplateError } = require("./errors");
const { escapeHtml } = require("./escape");

function lookup(path, scopes) {
  const [first, ...rest] = path.split(".");
  const scope = scopes.find((candidate) => candidate !== null && typeof candidate === "object" && first in candidate);
  return rest.reduce((value, key) => (value === undefined || value === null ? undefined : value[key]), scope?.[first]);
}

function isShown(value) {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function renderNodes(nodes, scopes) {
  return nodes.map((node) => renderNode(node, scopes)).join("");
}

function renderNode(node, scopes) {
  switch (node.type) {
    case "text":
      return node.text;
    case "value": {
      const value = lookup(node.path, scopes);
      if (value === undefined || value === null) {
        if (node.optional) {
          return "";
        }
        throw new TemplateError(`there is no ${node.path}`);
      }
      return node.raw ? String(value) : escapeHtml(String(value));
    }
    case "section": {
      const value = lookup(node.path, scopes);
      if (Array.isArray(value)) {
        return value.map((item) => renderNodes(node.children, [item, ...scopes])).join("");
      }
      return isShown(value) ? renderNodes(node.children, [value, ...scopes]) : "";
    }
    default:
      return isShown(lookup(node.path, scopes)) ? "" : renderNodes(node.children, scopes);
  }
}

/** Fills a template. */
function render(template, data) {
  return renderNodes(parse(template), [data]);
}

module.exports = { render, TemplateError };
