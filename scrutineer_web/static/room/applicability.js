// Whether something applies to a case, and which answers follow from others: the evaluator of
// scrutineer/fieldwork/cases/applicability.py and settled.py again, held against the same cases. Three-valued: true,
// false, or null where the facts known so far do not decide.

const NOT_APPLICABLE = "not_applicable";
const DAY = 24 * 60 * 60 * 1000;

export function isMet(condition, facts, holidays = {}) {
  if (condition === null || condition === undefined) return true;
  const parts = [];
  for (const [name, expected] of Object.entries(condition)) {
    if (name === "any") {
      if (expected.length) parts.push(evaluateAny(expected.map((inner) => isMet(inner, facts, holidays))));
    } else if (name === "not") {
      const inner = isMet(expected, facts, holidays);
      parts.push(inner === null ? null : !inner);
    } else if (name === "how_many") parts.push(evaluateCount(expected, facts));
    else parts.push(evaluateFact(expected, facts[name], facts[expected?.after ?? expected?.before], holidays));
  }
  return evaluateAll(parts);
}

export function addGroups(groups, facts, holidays = {}) {
  const known = { ...facts };
  for (const group of groups) known[group.key] = isMet(group.when, known, holidays);
  return known;
}

// By question: whether it applies, the answer that counts, and the rule that gave it, from 1. Conditions and rules look
// at earlier questions only, so one pass settles all.
export function settleCase(rules, facts, answers) {
  const known = addGroups(rules.groups, facts, rules.holidays);
  const settled = {};
  for (const [key, when] of Object.entries(rules.questions)) {
    const applies = isMet(when, known, rules.holidays);
    let [answer, rule] = [answers[key] ?? null, null];
    if (applies === false) answer = NOT_APPLICABLE;
    else if (rules.derived?.[key])
      [answer, rule] = applies ? derive(rules.derived[key], known, rules.holidays) : [null, null];
    else if (answer !== null && rules.numbers?.includes(key)) answer = Number(answer);
    known[key] = answer;
    settled[key] = { applies, answer, rule };
  }
  return settled;
}

function derive(rules, known, holidays) {
  for (const [place, rule] of rules.entries()) {
    const verdict = isMet(rule.when, known, holidays);
    if (verdict === null) break; // it may still come to apply
    if (verdict) return [rule.answer, place + 1];
  }
  return [null, null];
}

function isUnknown(value) {
  return value === null || value === undefined;
}

function evaluateFact(expected, value, other, holidays) {
  if (isUnknown(value)) return null;
  if (Array.isArray(expected)) return expected.some((option) => option === value);
  if (typeof expected !== "object") return expected === value;
  if (value === NOT_APPLICABLE || other === NOT_APPLICABLE) return false;
  return "within" in expected ? isNear(expected, value, other, holidays) : isWithin(expected, value);
}

function isWithin(bounds, value) {
  if (!isUnknown(bounds.on_or_after) || !isUnknown(bounds.on_or_before)) {
    const day = readDay(value);
    if (day === null) return null;
    const isLate = isUnknown(bounds.on_or_after) || day >= readDay(bounds.on_or_after);
    return isLate && (isUnknown(bounds.on_or_before) || day <= readDay(bounds.on_or_before));
  }
  if (typeof value !== "number") return null;
  const above = isUnknown(bounds.at_least) || value >= bounds.at_least;
  return above && (isUnknown(bounds.at_most) || value <= bounds.at_most);
}

function isNear(test, value, other, holidays) {
  const [day, start] = [readDay(value), readDay(other)];
  if (day === null || start === null) return null;
  return isUnknown(test.after)
    ? day <= start && day >= shiftDay(start, -test.within, test, holidays)
    : day >= start && day <= shiftDay(start, test.within, test, holidays);
}

// Days as milliseconds of the middle of their night in Greenwich, so that no clock change moves them.
function readDay(value) {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return null;
  const day = Date.parse(`${value}T00:00:00Z`);
  return Number.isNaN(day) ? null : day;
}

function shiftDay(day, number, test, holidays) {
  if (test.unit === "working_days") return shiftWorkingDays(day, number, holidays?.[test.place ?? "GB-ENG"] ?? []);
  if (test.unit === "months") return shiftMonths(new Date(day), number);
  return day + number * (test.unit === "weeks" ? 7 : 1) * DAY;
}

// The last day of a shorter month stands for days that it doesn't have.
function shiftMonths(day, number) {
  const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + number + 1, 0)).getUTCDate();
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + number, Math.min(day.getUTCDate(), last));
}

function shiftWorkingDays(start, number, holidays) {
  const step = number > 0 ? DAY : -DAY;
  let day = start;
  for (let left = Math.abs(number); left > 0; left -= 1) {
    day += step;
    while (isFree(day, holidays)) day += step;
  }
  return day;
}

function isFree(day, holidays) {
  const date = new Date(day);
  return [0, 6].includes(date.getUTCDay()) || holidays.includes(date.toISOString().slice(0, 10));
}

function evaluateCount(count, facts) {
  const values = count.of.map((name) => facts[name]);
  const matched = values.filter((value) => count.answered.includes(value)).length;
  const unknown = values.filter(isUnknown).length;
  const others = values.filter(
    (value) => !isUnknown(value) && value !== NOT_APPLICABLE && !count.answered.includes(value),
  ).length;
  const parts = [];
  if (!isUnknown(count.at_least))
    parts.push(decide(matched >= count.at_least, matched + unknown < count.at_least));
  if (!isUnknown(count.at_most)) parts.push(decide(matched + unknown <= count.at_most, matched > count.at_most));
  if (count.every)
    parts.push(decide(matched > 0 && !others && !unknown, others > 0 || matched + unknown === 0));
  return evaluateAll(parts);
}

function decide(isSure, isExcluded) {
  if (isSure) return true;
  return isExcluded ? false : null;
}

function evaluateAll(values) {
  if (values.includes(false)) return false;
  return values.includes(null) ? null : true;
}

function evaluateAny(values) {
  if (values.includes(true)) return true;
  return values.includes(null) ? null : false;
}
