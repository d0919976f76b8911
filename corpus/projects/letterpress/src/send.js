const { render } = require("./render");

/** Renders and sends letters one after another. */
async function send(letters, mailer) {
  const result = { sent: [], failed: [] };
  for (const { to, template, data } of letters) {
    try {
      await mailer.deliver(to, render(template, data));
      result.sent.push(to);
    } catch (error) {
      result.failed.push({ to, reason: error.message });
    }
  }
  return result;
}

module.exports = { send };
