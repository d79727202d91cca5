// Whether something applies to a case: the evaluator of scrutineer/fieldwork/cases/applicability.py again, held against the same
// examples. Three-valued: true, false, or null where the facts known so far do not decide.

export function holds(condition, facts) {
  if (condition === null || condition === undefined) return true;
  const parts = [];
  for (const [name, wanted] of Object.entries(condition)) {
    if (name === "any") {
      if (wanted.length) parts.push(some(wanted.map((inner) => holds(inner, facts))));
    } else if (name === "not") {
      const inner = holds(wanted, facts);
      parts.push(inner === null ? null : !inner);
    } else parts.push(fact(wanted, facts[name]));
  }
  return every(parts);
}

export function withGroups(groups, facts) {
  const known = { ...facts };
  for (const group of groups) known[group.key] = holds(group.when, known);
  return known;
}

export function applies(rules, facts, answers) {
  const known = { ...withGroups(rules.groups, facts), ...answers };
  return Object.fromEntries(Object.entries(rules.questions).map(([key, when]) => [key, holds(when, known)]));
}

function fact(wanted, value) {
  if (value === null || value === undefined) return null;
  if (Array.isArray(wanted)) return wanted.some((one) => one === value);
  if (typeof wanted === "object") return within(wanted, value);
  return wanted === value;
}

function within(bounds, value) {
  if (typeof value !== "number") return null;
  const above = bounds.at_least === undefined || bounds.at_least === null || value >= bounds.at_least;
  return above && (bounds.at_most === undefined || bounds.at_most === null || value <= bounds.at_most);
}

function every(values) {
  if (values.includes(false)) return false;
  return values.includes(null) ? null : true;
}

function some(values) {
  if (values.includes(true)) return true;
  return values.includes(null) ? null : false;
}
