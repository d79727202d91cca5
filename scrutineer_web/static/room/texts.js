// What scripts say. The room puts the texts into the page, in the page's language (kit/script_texts.py); `{name}` in a
// text stands for a value.
const texts = {};
const counted = {};
for (const block of document.querySelectorAll("script[id^='texts-']")) {
  const content = JSON.parse(block.textContent);
  Object.assign(texts, content.texts);
  for (const [number, forms] of Object.entries(content.counted)) counted[number] = { ...counted[number], ...forms };
}

export const language = document.documentElement.lang || "en-GB";
const plural = new Intl.PluralRules(language);

export function say(key, values = {}) {
  return fillIn(texts[key] ?? key, values);
}

// A text with a number. The room gives the form for one number of each kind: for English, that of 1 and that of 0.
export function sayCount(key, number, values = {}) {
  const kind = plural.select(number);
  const sample = Object.keys(counted).find((one) => plural.select(Number(one)) === kind) ?? "0";
  return fillIn(counted[sample]?.[key] ?? key, { number, ...values });
}

function fillIn(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}
