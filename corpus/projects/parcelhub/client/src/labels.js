export const LABELS = {
  announced: { en: "announced", de: "angekündigt" },
  collected: { en: "collected", de: "abgeholt" },
  sorted: { en: "in the depot", de: "im Depot" },
  loaded: { en: "on its way", de: "unterwegs" },
  delivered: { en: "delivered", de: "zugestellt" },
  returned: { en: "returned", de: "zurückgesandt" },
  cancelled: { en: "cancelled", de: "storniert" },
};

/** The label of a state; English where a language has none. */
export function label(state, language = "en") {
  const labels = LABELS[state];
  if (labels === undefined) {
    throw new RangeError(`unknown state ${state}`);
  }
  return labels[language] ?? labels.en;
}
