const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Escapes a text for HTML. */
function escapeHtml(text) {
  return text.replace(/[&<>"]/g, (char) => ENTITIES[char]);
}

module.exports = { escapeHtml };
