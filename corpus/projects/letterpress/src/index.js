const { render, TemplateError } = require("./render");
const { send } = require("./send");

module.exports = { render, send, TemplateError };
