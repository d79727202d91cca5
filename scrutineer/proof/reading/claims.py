"""Every quantity in a report's sentences: what it is, of which cases, about which question, which way round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from scrutineer.frameworks.house import House
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.reading_hints import Cue, Reading, simplify
from scrutineer.proof.reading.layout import list_pieces
from scrutineer.proof.reading.report import Claim, ClaimKind
from scrutineer.proof.reading.wording import APPROXIMATE, FLAGS, NEGATIVE, NUMBER, OR_MORE, PARTS, read_number

_COUNTED = (
    r"cases?|offenders?|files?|plans?|reports?|respondents?|questionnaires?|staff|people|areas|criteria|criterion"
    r"|interviews?|assessments?|reviews?|recommendations?|sentencers|victims|groups|examples?|members?"
)
_PARTS = "|".join(sorted(map(re.escape, PARTS), key=len, reverse=True))

_BETWEEN = (
    r"of the|relevant|high|risk|harm|very|licence|further|such|main|other|individual|different|PPO|statutory|victim"
    r"|contact|transferred-in|management|evidence"
)
# In this order: a percentage, a count ("n of m", or n of something that's counted), "in all"
# and "none of", and a part in words.
QUANTITY = re.compile(
    rf"(?<!\w)(?:(?P<percent>\d{{1,3}}(?:\.\d+)?)\s?(?:%|per\s?cent\b)"
    rf"|(?P<n>{NUMBER})(?:\s+(?:out of|from|of)\s+(?:(?:the|these|those|all|our)\s+)?(?P<d>{NUMBER})"
    rf"|(?=\s+(?:(?:{_BETWEEN})\s+(?:of\s+)?){{0,5}}(?:{_COUNTED})\b))"
    rf"|in (?P<all>all)(?: of)?(?: the| these| those)?(?: (?P<every>{NUMBER}))?(?: (?:relevant|such|other|inspected))* (?:cases|files)\b"
    r"|(?P<none>none) of the (?:\w+[ -]){0,5}?(?:cases|plans|files|offenders)\b"
    rf"|(?P<part>{_PARTS})\b(?=\s+(?:of|the|these|all)))",
    FLAGS,
)
_OF_FIRST = re.compile(
    rf"^of\s+(?:the\s+|these\s+)?(?P<d>{NUMBER})\s[^.;%,]{{1,90}}?"
    rf"(?:,\s*(?:in\s+|only\s+|just\s+)*|\s(?:only|just)\s+)(?P<n>{NUMBER})\b",
    FLAGS,
)
# A full stop after c., p., no. and the like ends no sentence.
_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\bc\.)(?<!\bp\.)(?<!\bca\.)(?<!\bno\.)(?<!e\.g\.)(?<!i\.e\.)(?<!approx\.)[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9£])"
)
_ANAPHORIC = re.compile(
    r"^(?:it|this|these|they|the (?:figure|equivalent|proportion|same)|a similar|similarly|although it|whilst this"
    r"|in the (?:follow-up|original|esi))\b",
    re.IGNORECASE,
)
_WORTH_READING = re.compile(
    r"\d|half|third|quarter|none of|in all|twen|thir|fort|fift|sixt|seve|eigh|nine|zero|one|two|thre|four|five|six|ten|elev|twel"
)
MAIN_SAMPLE = "main sample"
_ABOUT_CASES = {"summary", "body", "annex", "front", "reasons"}
_YEAR = range(1900, 2101)


@dataclass
class _Reader:
    """What is needed to read the claims of one part of a report."""

    framework: Framework | None
    base: str = "all"
    cues: list[tuple[str, str, Cue]] = field(default_factory=list)
    groups: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    known: dict[tuple[str | None, str | None], list[tuple[str, str, Cue]]] = field(default_factory=dict)

    @classmethod
    def from_framework(
        cls, framework: Framework | None, reading: Reading | None, house: House | None
    ) -> _Reader:
        reader = cls(framework)
        if framework is None or reading is None:
            return reader
        reader.base = reading.base_group
        named = {**reading.groups, MAIN_SAMPLE: reading.main_sample}
        reader.groups = [(g, tuple(simplify(p) for p in phrases)) for g, phrases in named.items()]
        reader.cues = [
            (code, q.key, Cue.parse(cue))
            for code, criterion in framework.criteria.items()
            for q in criterion.questions
            for cue in reading.cues.get(q.key, ())
        ]
        reader.cues += _list_phrases(framework, house)
        # The most demanding cue is tried first, so that a loose one can't claim a sentence that an exact phrase describes.
        reader.cues.sort(key=lambda entry: -entry[2].weight)
        return reader

    def names_criterion(self, before: str) -> bool:
        """Whether a figure in brackets comes right after a criterion's title: then it is that criterion's score."""
        if self.framework is None or not before.endswith("("):
            return False
        words = simplify(before)
        return any(words.endswith(simplify(c.title)) for c in self.framework.criteria.values())

    def find_cues(self, criterion: str | None, section: str | None, zone: str) -> list[tuple[str, str, Cue]]:
        """The cues of the questions that a line can be about, those that ask for most words first.

        Outside a criterion, a single word is not enough to identify a question; and what is said of
        surveys, targets or one good example is not about the case questions at all.
        """
        if zone not in _ABOUT_CASES:
            return []
        place = (criterion, section)
        if place not in self.known:
            self.known[place] = [
                (code, key, cue)
                for code, key, cue in self.cues
                if (code == criterion if criterion else cue.weight > 1 and code.startswith(section or ""))
            ]
        return self.known[place]


def _list_phrases(framework: Framework, house: House | None) -> Iterator[tuple[str, str, Cue]]:
    """What the house style says of each question, used to read reports written in it."""
    for key, phrase in (house.phrases if house else {}).items():
        if key in framework.questions:
            yield framework.criterion_of[key].code, key, Cue.parse_phrase(phrase.format(**framework.words))


class ClaimReader:
    """Reads claims sentence by sentence; one reader serves one report.

    Args:
        parts: framework, reading hints and house style of each part of the report, in order.
    """

    def __init__(self, parts: Sequence[tuple[Framework | None, Reading | None, House | None]]):
        self.parts = [
            _Reader.from_framework(framework, reading, house) for framework, reading, house in parts
        ]

    def read(
        self, n: int, text: str, part: int, criterion: str | None, section: str | None, zone: str
    ) -> list[Claim]:
        """The claims of one line.

        Args:
            n: the line's number.
            text: the line as cleaned.
            part: which part of the report it belongs to.
            criterion, section: what it comes under, if known.
            zone: where in the report it is.
        """
        # Most lines of a report have no number; this cheap test saves the larger patterns for those that do.
        if not _WORTH_READING.search(text.lower()):
            return []
        claims: list[Claim] = []
        reader = self.parts[part]
        topic = _Topic(reader.find_cues(criterion, section, zone))
        start = 0
        for sentence in _list_sentences(text):
            # Splitting drops the white space between sentences, so the place of each is looked up again.
            start = text.index(sentence, start)
            quantities = _read_sentence(reader, sentence, topic)
            for claim in quantities:
                claim.line, claim.zone, claim.criterion = n, zone, claim.criterion or criterion
                claim.start += start
                claim.end += start
            claims += quantities
            topic.before, topic.counted = sentence, bool(quantities)
            start += len(sentence)
        return claims


_LONGEST = 1500


def _list_sentences(text: str) -> Iterator[str]:
    """The sentences of a line; one that never ends is cut at a space, so that the work stays linear."""
    for sentence in _SENTENCE.split(text):
        # Some of the patterns take time that grows with the square of the length; a damaged file can have one endless line.
        yield from list_pieces(sentence, _LONGEST)


@dataclass
class _Topic:
    """What the sentences of a line have been about so far."""

    cues: Sequence[tuple[str, str, Cue]]
    before: str = ""
    counted: bool = False
    question: tuple[str, str] | None = None
    group: str | None = None


_OF_OTHERS = re.compile(r"\b(?:than|as) in the (?:other cases|rest of the main sample) \($", re.IGNORECASE)
"""What comes before a figure for the cases that a group is compared with: it is not a figure for the group itself."""


def _read_sentence(reader: _Reader, sentence: str, topic: _Topic) -> list[Claim]:
    quantities = list(_list_quantities(sentence)) if _WORTH_READING.search(sentence.lower()) else []
    if not quantities:
        return []
    words = simplify(sentence)
    refers_back = bool(_ANAPHORIC.match(sentence))
    windows = list(_list_windows(sentence, quantities))
    seen: set[tuple[str, str]] = set()
    for claim, (low, high) in zip(quantities, windows, strict=True):
        claim.framework = reader.framework.id if reader.framework else None
        claim.sentence = sentence
        claim.tail = sentence[claim.end : claim.end + 90]
        # A bare count says how many cases there are, not how a question was answered.
        if claim.kind != "count":
            _find_question(claim, (simplify(sentence[low:high]), words), topic)
        if claim.question is None and claim.kind != "count" and refers_back:
            _find_question(claim, (simplify(topic.before),), topic)
            if claim.question is None and topic.question:
                claim.question, claim.criterion = topic.question
        claim.group = _find_group(reader, sentence, claim, low, high) or _group_before(
            reader, topic, refers_back
        )
        # "Criterion title (67%)" is the criterion's score, although its words may fit a question's cue.
        if reader.names_criterion(sentence[: claim.start]):
            claim.question = None
        if _OF_OTHERS.search(sentence[: claim.start]):
            claim.question, claim.group, claim.exact = None, "others", False
        _settle(claim, reader, seen)
        if claim.kind != "count" and NEGATIVE.search(_find_clause(sentence, claim, low, high)):
            claim.polarity = "below" if claim.polarity == "above" else "above"
    # The next sentence may begin with "this" or "of these" and then continues the last question named.
    named = next((c for c in reversed(quantities) if c.question and c.criterion), None)
    if named and named.question and named.criterion:
        topic.question = (named.question, named.criterion)
    topic.group = quantities[-1].group
    return quantities


def _settle(claim: Claim, reader: _Reader, seen: set[tuple[str, str]]) -> None:
    """One sentence gives one figure per question and group; a question of some cases only is about those."""
    if claim.question is None or reader.framework is None:
        return
    # "All cases" or "a third of them" may repeat a figure in words, so it does not use up the question.
    if claim.kind == "fraction" and claim.denominator is None:
        return
    only = _find_only_group(reader.framework, claim.question)
    if only and claim.group == reader.base == "all":
        claim.group = only
    if (claim.question, claim.group) in seen and "(" not in claim.sentence[: claim.start]:
        claim.question = None
    else:
        seen.add((claim.question, claim.group))


def _find_only_group(framework: Framework, key: str) -> str | None:
    """The group of cases to which a question is limited, if it is."""
    condition = framework.questions[key].when
    facts = condition.facts if condition and not condition.any and not condition.not_ else {}
    groups = [g.key for g in framework.groups if facts.get(g.key) is True]
    return groups[0] if len(facts) == 1 and groups else None


def _find_question(claim: Claim, texts: Sequence[str], topic: _Topic) -> None:
    """Find the question: by the words around the quantity first, then by the whole sentence."""
    for text in texts:
        for code, key, cue in topic.cues:
            if cue.fits(text):
                claim.question, claim.criterion = key, code
                claim.polarity = "below" if cue.below else "above"
                return


def _list_quantities(sentence: str) -> Iterator[Claim]:
    # "Of the 40 cases, only 8 …" has the whole before the part, which the main pattern can't see.
    taken_to = 0
    first = _OF_FIRST.match(sentence)
    if first:
        fraction = _read_fraction(first.group("n"), first.group("d"))
        if fraction:
            yield _make_claim("fraction", first.group(0), first.start("n"), first.end("n"), *fraction)
            taken_to = first.end("n")
    for match in QUANTITY.finditer(sentence):
        if match.start() < taken_to:
            continue
        claim = _read_quantity(sentence, match)
        if claim is not None:
            before = sentence[max(0, match.start() - 25) : match.start()]
            bounded = APPROXIMATE.search(before) or OR_MORE.match(sentence, match.end())
            # "More than 80%" and "80% or more" are bounds: no exact share follows from them.
            claim.exact = claim.exact and not bounded
            yield claim


def _read_quantity(sentence: str, match: re.Match[str]) -> Claim | None:
    if match.group("percent"):
        # A digit after one of these signs is the end of another number, such as a date, a range or a decimal.
        if match.start() and sentence[match.start() - 1] in ".,/-":
            return None
        return _make_claim(
            "percentage",
            match.group(0),
            match.start(),
            match.end(),
            float(match.group("percent")),
            None,
            None,
        )
    if match.group("d"):
        fraction = _read_fraction(match.group("n"), match.group("d"))
        return (
            _make_claim("fraction", match.group(0), match.start(), match.end(), *fraction)
            if fraction
            else None
        )
    if match.group("all") or match.group("none"):
        return _read_every(sentence, match)
    if match.group("part"):
        over, under = PARTS[match.group("part").lower()]
        claim = _make_claim(
            "fraction", match.group(0), match.start(), match.end(), 100 * over / under, None, None
        )
        # "A third" may be rounded generously, so it is never checked as an exact figure.
        claim.exact = False
        return claim
    value = read_number(match.group("n"))
    # "In 2005 cases were …" almost always means the year.
    if value in _YEAR:
        return None
    return _make_claim("count", match.group(0), match.start(), match.end(), float(value), None, None)


_WISH = re.compile(r"\b(?:ensure|should|need(?:s|ed)? to|must|so that|needed|important)\b", re.IGNORECASE)


def _read_every(sentence: str, match: re.Match[str]) -> Claim | None:
    """All or none of the cases, unless the sentence only says what ought to be."""
    if _WISH.search(sentence):
        return None
    whole = read_number(match.group("every")) if match.group("every") else None
    value = 100.0 if match.group("all") else 0.0
    return _make_claim("fraction", match.group(0), match.start(), match.end(), value, whole, whole)


def _read_fraction(n: str, d: str) -> tuple[float, int, int] | None:
    part, whole = read_number(n), read_number(d)
    # "3 of 2005" is a date or an issue number, and a part can't be more than its whole.
    if whole == 0 or part > whole or whole in _YEAR:
        return None
    return 100 * part / whole, part, whole


def _make_claim(
    kind: ClaimKind, quote: str, start: int, end: int, value: float, part: int | None, whole: int | None
) -> Claim:
    return Claim(
        line=0, quote=quote, kind=kind, value=value, numerator=part, denominator=whole, start=start, end=end
    )


_BREAK = re.compile(
    r"[;:]\s|,?\s(?:whilst|although|whereas|but|though|however|compared|as compared|as opposed|against an)\s|,\swhere(?:as)?\s"
    rf"|,\s(?={NUMBER}\s(?:were|was|had)\b)|^(?:of those|where|when|whilst|despite)\b[^,%\d]{{1,90}},\s",
    re.IGNORECASE,
)
_CUT = re.compile(r"[,;(]|\sand\s|\s[-–]\s")


def _list_windows(sentence: str, claims: Sequence[Claim]) -> Iterator[tuple[int, int]]:
    """The stretch of the sentence that each quantity governs.

    Where the sentence opens with a quantity, each governs what follows it; otherwise what went
    before it, and what follows as far as the next comma or "and". A break ("whilst", "compared
    with", a semicolon) ends a stretch either way. A quantity in brackets looks back.
    """
    # Twenty characters leave room for openings such as "In total, " and "However, in ".
    forward = claims[0].start < 20
    breaks = [0, *(m.end() for m in _BREAK.finditer(sentence)), len(sentence)]
    previous = (0, 0)
    for i, claim in enumerate(claims):
        before = claims[i - 1].end if i else 0
        after = claims[i + 1].start if i + 1 < len(claims) else len(sentence)
        low = max(b for b in breaks if b <= claim.start)
        # A figure belongs to the clause around it; looking past a break would take words from the other side of a comparison.
        high = min((b for b in breaks if b >= claim.end), default=len(sentence))
        opened = sentence.rfind("(", before, claim.start)
        # An opening bracket with no closing one before the quantity.
        bracketed = opened >= 0 and ")" not in sentence[opened : claim.start]
        # "85% (34 of 40)": two ways of stating one share, which share one stretch.
        if bracketed and i and claim.kind != claims[i - 1].kind and claim.start - opened < 12:
            previous = (previous[0], max(previous[1], claim.end))
        elif bracketed and i and claim.start - opened > 12:
            previous = (opened, min(high, _find_next(sentence, claim.end, high)))
        elif forward and not (bracketed and i):
            previous = (low if low >= before else claim.start, max(min(high, after), claim.end))
        else:
            previous = (
                max(low, before),
                max(min(high, after, _find_next(sentence, claim.end, high)), claim.end),
            )
        yield previous


def _find_next(sentence: str, start: int, high: int) -> int:
    """Where what follows a quantity is cut off: the next comma, bracket, dash or "and"."""
    cut = _CUT.search(sentence, start, high)
    return cut.start() if cut else high


_NOUN_PHRASE = 48
_PHRASE_END = re.compile(r"[,;(]|\band\b|\b(?:compared|whereas|although|but|as opposed)\b")


def _find_group(reader: _Reader, sentence: str, claim: Claim, low: int, high: int) -> str | None:
    """The group of cases: named right after the quantity, else last before it, else in its stretch."""
    if not reader.groups:
        return None
    tail = sentence[claim.end : claim.end + _NOUN_PHRASE]
    near = simplify(f"{claim.quote} {_PHRASE_END.split(tail, maxsplit=1)[0]}")
    rest = _PHRASE_END.split(sentence[claim.end : high], maxsplit=1)[0]
    # Nearest first: "85% of high risk cases" outranks a group that the sentence mentioned earlier.
    for text, last in ((near, False), (simplify(sentence[low : claim.start]), True), (simplify(rest), False)):
        group = _find_named(reader, text, last)
        if group:
            return group
    return None


def _find_named(reader: _Reader, text: str, last: bool) -> str | None:
    """The group whose phrase comes first, or last, in a text; of two at one place, the longer phrase."""
    # Positions are negated to find the first match, so that one `max` serves both directions.
    places = [
        (text.rfind(p) if last else -text.find(p), len(p), group)
        for group, phrases in reader.groups
        for p in phrases
        if p in text
    ]
    return max(places)[2] if places else None


def _group_before(reader: _Reader, topic: _Topic, refers_back: bool) -> str:
    """A sentence that names no group keeps the one before it, where it refers back to it."""
    # A sentence without figures often introduces the group that the next sentences count.
    if topic.before and not topic.counted and reader.groups:
        named = _find_named(reader, simplify(topic.before), last=True)
        if named:
            return named
    if refers_back and topic.group:
        return topic.group
    return reader.base


_VERB = re.compile(
    r"\b(?:was|were|is|had|has|did|does|do|could|found|met|failed|lacked|needed|showed|contained|occurred|demonstrated"
    r"|judged|assessed|considered|fail|missing|been|took|\w+ed)\b",
    re.IGNORECASE,
)
_TURN = re.compile(r";\s|\b(?:compared|whereas|whilst|although|as opposed|but)\b")


def _find_clause(sentence: str, claim: Claim, low: int, high: int) -> str:
    """The words whose "not" governs a quantity.

    Quantities that share one verb ("in 31% … and 46% … were insufficiently") share its sign: a
    stretch without a verb of its own takes the rest of its clause.
    """
    window = sentence[low:high]
    # A stretch with its own verb has its own "not"; without one, the sign comes from the rest of the clause.
    if _VERB.search(window):
        return window
    turns = [m.start() for m in _TURN.finditer(sentence)]
    begin = max((t for t in turns if t <= claim.start), default=0)
    end = min((t for t in turns if t > claim.start), default=len(sentence))
    return sentence[begin:end]


_NOT_PLAIN = re.compile(
    r"\b(?:some|these|those|was|were|is|are|had|has|have|did|including|which|whom|who|that|where|when|and|but|or|than|at"
    r"|compared|against|whereas|while|whilst|although|previous|last|earlier|original|national|target)\b",
    re.IGNORECASE,
)
# "Ranked 5 of 42" is a position, and "part 2 of 3" a place: neither is a share.
_RANKED = re.compile(
    r"\b(?:placed|ranked|rank|position|number|room|step|part|page|phase|chapter|objective|target|recommendation|criterion|module|kpi|question|level|band|stage|week|session|year|quarter|standard|item|table|chart|section)\s+$",
    re.IGNORECASE,
)
_FEW_WORDS = 7
_SAYS_NOTHING_NEW = {
    "",
    "cases",
    "relevant cases",
    "of cases",
    "of the cases",
    "offenders",
    "files",
    "of these",
    "of them",
}


def list_pairs(text: str, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Claim, bool]]:
    """Percentages and counts of one line that state the same share.

    One is in brackets after the other, with nothing between them but a few plain words: "85% of
    relevant cases (39 from 40)", "in 39 of 40 cases (98%)". Any other number, verb, bound, or word of
    contrast between them, and they are not checked against each other.

    Where a relative clause comes between ("86% of cases where … (18 out of 21)"), the count may be that of the
    clause: such a pair is probable, not certain.

    Yields:
        (percentage, fraction, whether it is certain)
    """
    for claim, other in zip(claims, claims[1:], strict=False):
        if {claim.kind, other.kind} != {"percentage", "fraction"} or claim.sentence != other.sentence:
            continue
        percent, fraction = (claim, other) if claim.kind == "percentage" else (other, claim)
        # "About 85% (39 of 40)" states no exact share, so there is nothing to check.
        usable = fraction.numerator is not None and percent.exact and fraction.exact
        ranked = _RANKED.search(text[max(0, fraction.start - 20) : fraction.start])
        # A weighted percentage needn't come from the count that is printed next to it.
        if not usable or ranked or "eighted" in claim.sentence:
            continue
        between, after = text[claim.end : other.start], text[other.end : other.end + 30]
        words = _find_before_bracket(between, after)
        # Between a percentage and its count there is only what it is a percentage of.
        if words is None or (claim is percent and words and not words.startswith("of ")):
            continue
        if _has_few_plain_words(words):
            of_cases = claim is percent or _is_count_of_cases(fraction, words)
            yield (
                percent,
                fraction,
                of_cases and not (claim is fraction and re.match(r"^\W*\)\s*of\b", after)),
            )
        elif claim is percent and _RELATIVE.match(words) and not _NUMBER.search(words):
            yield percent, fraction, False


_RELATIVE = re.compile(r"^of (?:[\w'-]+ ){1,4}(?:where|in which) [^,;:()]+$", re.IGNORECASE)


def _find_before_bracket(between: str, after: str) -> str | None:
    """The words between two quantities, of which the second is alone in brackets (or after a dash, the opening
    bracket lost); None if it does not."""
    closing = after.split(")", 1)
    # Words after the count, such as "(34 of 40 in custody)", would narrow what it counts.
    if len(closing) < 2 or closing[0].strip(" ,.;*").lower() not in _SAYS_NOTHING_NEW:
        return None
    if re.match(r"^\s*[-–]\s*$", between):
        return ""
    words, opened, inside = between.rpartition("(")
    return words.strip() if opened and not inside.strip() else None


_CASES_ONLY = re.compile(
    r"^(?:(?:of|the|these|all|relevant|applicable|licence|community|order|high|very|risk|harm|ppo|statutory|victim|contact"
    r"|isps?|cases?|offenders?|files?|plans?|reports?|respondents?|questionnaires?|readers?)\b\s*)*$",
    re.IGNORECASE,
)


def _is_count_of_cases(fraction: Claim, words: str) -> bool:
    """Whether a count that comes first is of cases, not of teams or courts of which something else is said."""
    opened = re.match(rf"^of\s+(?:the\s+|these\s+)?{NUMBER}\s(?P<noun>[^,]+)", fraction.quote, FLAGS)
    noun = opened.group("noun").split(" only")[0] if opened else words
    return bool(_CASES_ONLY.match(noun))


def _has_few_plain_words(words: str) -> bool:
    counted = any(character.isdigit() for character in words) or _NUMBER.search(words)
    return (
        len(words.split()) <= _FEW_WORDS and not counted and not _NOT_PLAIN.search(words) and "," not in words
    )


_NUMBER = re.compile(rf"(?<!\w){NUMBER}", FLAGS)
