// Whether something applies to a case: the evaluator of scrutineer/fieldwork/cases/applicability.py again, held against
// the same examples. Three-valued: true, false, or null where the facts known so far do not decide.

export function isMet(condition, facts) {
  if (condition === null || condition === undefined) return true;
  const parts = [];
  for (const [name, expected] of Object.entries(condition)) {
    if (name === "any") {
      if (expected.length) parts.push(evaluateAny(expected.map((inner) => isMet(inner, facts))));
    } else if (name === "not") {
      const inner = isMet(expected, facts);
      parts.push(inner === null ? null : !inner);
    } else parts.push(evaluateFact(expected, facts[name]));
  }
  return evaluateAll(parts);
}

export function addGroups(groups, facts) {
  const known = { ...facts };
  for (const group of groups) known[group.key] = isMet(group.when, known);
  return known;
}

export function findApplicable(rules, facts, answers) {
  const known = { ...addGroups(rules.groups, facts), ...answers };
  return Object.fromEntries(Object.entries(rules.questions).map(([key, when]) => [key, isMet(when, known)]));
}

function evaluateFact(expected, value) {
  if (value === null || value === undefined) return null;
  if (Array.isArray(expected)) return expected.some((option) => option === value);
  if (typeof expected === "object") return isWithin(expected, value);
  return expected === value;
}

function isWithin(bounds, value) {
  if (typeof value !== "number") return null;
  const above = bounds.at_least === undefined || bounds.at_least === null || value >= bounds.at_least;
  return above && (bounds.at_most === undefined || bounds.at_most === null || value <= bounds.at_most);
}

function evaluateAll(values) {
  if (values.includes(false)) return false;
  return values.includes(null) ? null : true;
}

function evaluateAny(values) {
  if (values.includes(true)) return true;
  return values.includes(null) ? null : false;
}
