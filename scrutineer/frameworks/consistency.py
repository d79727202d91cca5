"""How the parts of a framework fit together: one function for each rule.

Each rule yields problems: the place in the file, the key or code nearest to it (for tailored
frameworks, whose places lie in another file), what is wrong and what to write instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from scrutineer.frameworks.condition_consistency import RULES as CONDITION_RULES
from scrutineer.frameworks.condition_consistency import list_questions as _list_questions
from scrutineer.frameworks.model import Criterion, Framework
from scrutineer.frameworks.problem import Place, Problem, list_known
from scrutineer.frameworks.question_kinds import find_kind
from scrutineer.frameworks.rating_consistency import RULES as RATING_RULES


def list_problems(framework: Framework) -> list[Problem]:
    """Every problem that every rule finds, in the order of the rules."""
    return [problem for rule in RULES for problem in rule(framework)]


def _list_criteria(framework: Framework) -> Iterator[tuple[Place, Criterion]]:
    for s, section in enumerate(framework.sections):
        for c, criterion in enumerate(section.criteria):
            yield ("sections", s, "criteria", c), criterion


def check_names_stand_once(framework: Framework) -> Iterator[Problem]:
    """Codes and keys are names: each appears once."""
    listed: list[tuple[str, Place, str]] = [
        *(("section", ("sections", n, "code"), s.code) for n, s in enumerate(framework.sections)),
        *(("criterion", (*p, "code"), c.code) for p, c in _list_criteria(framework)),
        *(("question", (*p, "key"), q.key) for p, _, q in _list_questions(framework)),
        *(("group", ("groups", n, "key"), g.key) for n, g in enumerate(framework.groups)),
        *(("scale", ("scales", n, "key"), s.key) for n, s in enumerate(framework.scales)),
        *(("attribute", ("attributes", n, "key"), a.key) for n, a in enumerate(framework.attributes)),
        *(("thread", ("threads", n, "key"), t.key) for n, t in enumerate(framework.threads)),
        *(
            ("rating scale", ("rating_scales", n, "key"), r.key)
            for n, r in enumerate(framework.rating_scales)
        ),
    ]
    seen: Counter[tuple[str, str]] = Counter()
    for kind, place, name in listed:
        seen[kind, name] += 1
        if seen[kind, name] == 2:
            yield Problem(
                place=place,
                near=name,
                what=f"{kind} '{name}' appears twice",
                do="Give each one a different name",
            )


def check_scales_are_known(framework: Framework) -> Iterator[Problem]:
    """A question's scale is one that the framework declares, and one that can be scored."""
    scales = {s.key: s for s in framework.scales}
    for place, _, question in _list_questions(framework):
        scale = scales.get(question.scale)
        if scale is None:
            what = f"question '{question.key}' uses an unknown scale, '{question.scale}'"
            yield Problem(
                place=(*place, "scale"), near=question.key, what=what, do=list_known(question.scale, scales)
            )
        elif question.scored and not any(o.above for o in scale.options):
            what = (
                f"question '{question.key}' is scored, but no answer of scale '{scale.key}' is above the line"
            )
            yield Problem(
                place=(*place, "scale"),
                near=question.key,
                what=what,
                do="Mark the question `context: true`, or an option `above: true`",
            )


_EVERY_SCALE = ("key", "title", "kind")


def check_scales_have_their_own_fields(framework: Framework) -> Iterator[Problem]:
    """A scale has only the fields that its kind uses."""
    for n, scale in enumerate(framework.scales):
        allowed = find_kind(scale).parameters
        for name, field in type(scale).model_fields.items():
            if name in _EVERY_SCALE or name in allowed or getattr(scale, name) == field.default:
                continue
            yield Problem(
                place=("scales", n, name),
                near=scale.key,
                what=f"scale '{scale.key}' has '{name}', which a scale of the kind '{scale.kind}' doesn't use",
                do="Remove it, or change the kind",
            )


def check_threads_are_known(framework: Framework) -> Iterator[Problem]:
    """A thread that a question carries is one that the framework declares, and is not empty."""
    threads = {t.key: t for t in framework.threads}
    for place, _, question in _list_questions(framework):
        for n, thread in enumerate(question.threads):
            if thread not in threads:
                what = f"question '{question.key}' has an unknown thread, '{thread}'"
                yield Problem(
                    place=(*place, "threads", n),
                    near=question.key,
                    what=what,
                    do=list_known(thread, threads),
                )
    for n, declared in enumerate(framework.threads):
        if not framework.list_thread_questions(declared.key):
            yield Problem(
                place=("threads", n),
                near=declared.key,
                what=f"no scored question has the thread '{declared.key}'",
                do="Add the thread to its questions",
            )


def check_kinds_have_their_parts(framework: Framework) -> Iterator[Problem]:
    """A case criterion asks questions; a judgement criterion gathers evidence items."""
    for place, criterion in _list_criteria(framework):
        may_lack_score = criterion.records_facts and not criterion.counted
        if criterion.kind == "case" and not criterion.scored_questions and not may_lack_score:
            yield Problem(
                place=place,
                near=criterion.code,
                what=f"case criterion '{criterion.code}' has no scored question",
                do="Add its questions, or write `counted: false` if they only record facts",
            )
        yield from _check_judgement(framework, place, criterion)
        if criterion.kind == "judgement" and criterion.questions:
            yield Problem(
                place=(*place, "questions"),
                near=criterion.code,
                what=f"judgement criterion '{criterion.code}' has case questions",
                do="Move them to a case criterion",
            )


def _check_judgement(framework: Framework, place: Place, criterion: Criterion) -> Iterator[Problem]:
    """A criterion that's judged is rated by the grades of its items, or directly on a scale of ratings."""
    if criterion.kind != "judgement" or (not criterion.items and framework.find_method(criterion)):
        return
    if not criterion.items:
        yield Problem(
            place=place,
            near=criterion.code,
            what=f"judgement criterion '{criterion.code}' has no evidence item",
            do="Add its evidence items, or `rated` if people rate it directly",
        )
    if framework.ratings is None:
        yield Problem(
            place=place,
            near=criterion.code,
            what=f"judgement criterion '{criterion.code}' has no rules for its rating",
            do="Add `ratings`",
        )


def check_one_summary_at_most(framework: Framework) -> Iterator[Problem]:
    """A criterion has at most one summary question, and the framework says how much it weighs."""
    share = framework.scoring.criterion.summary
    for place, criterion in _list_criteria(framework):
        summaries = [q.key for q in criterion.questions if q.summary]
        if len(summaries) > 1:
            yield Problem(
                place=place,
                near=criterion.code,
                what=f"criterion '{criterion.code}' has {len(summaries)} summary questions ({', '.join(summaries)})",
                do="Keep one of them",
            )
        if summaries and not share:
            yield Problem(
                place=place,
                near=criterion.code,
                what=f"question '{summaries[0]}' is a summary question, but summary questions have no weight",
                do="Set `scoring.criterion.summary`",
            )


def check_weights_add_up(framework: Framework) -> Iterator[Problem]:
    """Section weights add to 100, and so do the shares of questions and summary question."""
    weights = [s.weight for s in framework.sections if s.weight]
    if weights and sum(weights) != 100:
        yield Problem(
            place=("sections",),
            near=framework.sections[0].code,
            what=f"the section weights add up to {sum(weights)}",
            do="Make them add up to 100",
        )
    rule = framework.scoring.criterion
    if rule.questions + rule.summary != 100:
        yield Problem(
            place=("scoring", "criterion"),
            near="criterion",
            what=f"the weights of the questions and the summary question are {rule.questions} + {rule.summary}",
            do="Make them add up to 100",
        )


def check_importance_is_known(framework: Framework) -> Iterator[Problem]:
    """A criterion's importance is one of the framework's."""
    known = {i.key for i in framework.scoring.importance}
    for place, criterion in _list_criteria(framework):
        if criterion.importance is not None and criterion.importance not in known:
            yield Problem(
                place=(*place, "importance"),
                near=criterion.code,
                what=f"criterion '{criterion.code}' has an unknown importance, '{criterion.importance}'",
                do=list_known(criterion.importance, sorted(known)),
            )


def check_grades_are_known(framework: Framework) -> Iterator[Problem]:
    """Rating rules name grades of the framework, and the last of them always holds."""
    if framework.ratings is None:
        return
    grades = [g.key for g in framework.ratings.grades]
    for n, rule in enumerate(framework.ratings.rules):
        for name, grade in rule.conditions.items():
            if grade not in grades:
                yield Problem(
                    place=("ratings", "rules", n, name),
                    near=rule.rating,
                    what=f"rating '{rule.rating}' uses an unknown grade, '{grade}'",
                    do=list_known(grade, grades),
                )
    if framework.ratings.rules[-1].conditions:
        last = framework.ratings.rules[-1].rating
        yield Problem(
            place=("ratings", "rules", len(framework.ratings.rules) - 1),
            near=last,
            what="some grades get no rating",
            do=f"Remove the condition from the last rule ('{last}'), so that it always applies",
        )


def check_one_rule_sets_the_size(framework: Framework) -> Iterator[Problem]:
    """How many cases are drawn is said in one way."""
    design = framework.sample
    names = [name for name in ("size", "every", "precision") if getattr(design, name) is not None]
    if len(names) > 1:
        yield Problem(
            place=("sample", names[-1]),
            near="sample",
            what=f"the sample's size is set in more than one way: {' and '.join(names)}",
            do="Keep one of them",
        )


def check_quotas_name_groups(framework: Framework) -> Iterator[Problem]:
    """A quota of the sample is for a group of the framework."""
    groups = [g.key for g in framework.groups]
    for n, quota in enumerate(framework.sample.quotas):
        if quota.group not in groups:
            yield Problem(
                place=("sample", "quotas", n),
                near=quota.group,
                what=f"the sample has a quota for an unknown group, '{quota.group}'",
                do=list_known(quota.group, groups),
            )


def check_calendar_has_no_loose_end(framework: Framework) -> Iterator[Problem]:
    """An event of the calendar follows an event listed before it."""
    known: set[str] = set()
    for n, rule in enumerate(framework.calendar.rules):
        if rule.after is not None and rule.after not in known:
            yield Problem(
                place=("calendar", "rules", n, "after"),
                near=rule.event,
                what=f"event '{rule.event}' follows an unknown event, '{rule.after}'",
                do="Choose an event listed before it",
            )
        known.add(rule.event)


def check_calendar_roles_are_taken_once(framework: Framework) -> Iterator[Problem]:
    """A role of the calendar is that of one event."""
    seen: dict[str, str] = {}
    for n, rule in enumerate(framework.calendar.rules):
        if rule.role and rule.role in seen:
            yield Problem(
                place=("calendar", "rules", n, "role"),
                near=rule.event,
                what=f"event '{seen[rule.role]}' already has the role '{rule.role}'",
                do="Remove the role from one of them",
            )
        seen.setdefault(rule.role, rule.event)


def check_words_go_after_names(framework: Framework) -> Iterator[Problem]:
    """Cases are pseudonymised before, or when, what was written about them is purged."""
    names, words = framework.retention.pseudonymise_months, framework.retention.purge_months
    if words is not None and (names is None or words < names):
        yield Problem(
            place=("retention", "purge_months"),
            near="retention",
            what="the texts are deleted before the cases are pseudonymised",
            do="Set pseudonymise_months, no higher than purge_months",
        )


def check_bands_rise(framework: Framework) -> Iterator[Problem]:
    """Bands go from the lowest to the highest."""
    kinds: tuple[tuple[Literal["bands", "points"], list[int]], ...] = (
        ("bands", [b.at_least for b in framework.scoring.bands]),
        ("points", [b.at_least for b in framework.scoring.points.bands] if framework.scoring.points else []),
    )
    for name, starts in kinds:
        if starts != sorted(set(starts)):
            yield Problem(
                place=("scoring", name),
                near=name,
                what="the bands are not in ascending order",
                do="Put the lowest band first, and start each band higher than the one before",
            )


def check_origins_are_elsewhere(framework: Framework) -> Iterator[Problem]:
    """A question replaces a question of an earlier version, not one that is still in use."""
    for place, _, question in _list_questions(framework):
        for origin in question.origins:
            if origin in framework.questions and origin != question.key:
                yield Problem(
                    place=(*place, "from"),
                    near=question.key,
                    what=f"question '{question.key}' replaces '{origin}', which has not been retired",
                    do="Retire the old question, or remove `from`",
                )


RULES = (
    check_names_stand_once,
    check_scales_are_known,
    check_scales_have_their_own_fields,
    check_threads_are_known,
    *CONDITION_RULES,
    check_kinds_have_their_parts,
    check_one_summary_at_most,
    check_weights_add_up,
    check_importance_is_known,
    check_grades_are_known,
    check_one_rule_sets_the_size,
    check_quotas_name_groups,
    check_calendar_has_no_loose_end,
    check_calendar_roles_are_taken_once,
    check_words_go_after_names,
    check_bands_rise,
    check_origins_are_elsewhere,
    *RATING_RULES,
)
