"""The page of a sample: how it came about, what it holds, and how like the caseload it is."""

from __future__ import annotations

from collections import Counter

import polars as pl

from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.exclusions import format_reason
from scrutineer.fieldwork.cases.membership import collect_groups
from scrutineer.fieldwork.sampling.record import SampleRecord
from scrutineer.frameworks.model import Framework
from scrutineer.report.pages.charts import draw_shares
from scrutineer.report.pages.environment import render
from scrutineer.scoring.tally import Mask
from scrutineer.tables.names import NOT_RECORDED


def sample_page(record: SampleRecord, caseload: Caseload, chosen: pl.DataFrame, framework: Framework) -> str:
    """The page of a sample.

    Args:
        record: of the sample.
        caseload: that it was drawn from.
        chosen: the cases to be inspected, as they are now.
        framework: gives titles and groups.
    """
    excluded = Counter(e.reason for e in record.exclusions)
    eligible = caseload.frame.filter(~pl.col("case").is_in([e.case for e in record.exclusions]))
    rows = _list_rows(framework, chosen, eligible)
    return render(
        "sample.html.j2",
        record=record,
        framework=framework,
        selected=Counter(chosen["selected_as"].to_list()),
        reserves=sum(c.selected_as == "reserve" for c in record.selected) - len(record.substitutions),
        excluded=[(format_reason(reason), n) for reason, n in excluded.most_common()],
        quotas=_list_quotas(record, framework, chosen),
        rows=rows,
        chart=draw_shares(
            [(label, a, b) for label, a, b in rows],
            ("sample", "eligible cases"),
            "The sample compared with all eligible cases",
        ),
        reason_text=format_reason,
    )


def _list_quotas(
    record: SampleRecord, framework: Framework, chosen: pl.DataFrame
) -> list[tuple[str, int, int]]:
    """Each quota's group, what was asked, and what the sample holds."""
    members = collect_groups(framework, chosen, list(record.plan.quotas))
    titles = {g.key: g.title for g in framework.groups}
    return [(titles[key], least, int((members[key] == 1).sum())) for key, least in record.plan.quotas.items()]


def _list_rows(
    framework: Framework, chosen: pl.DataFrame, eligible: pl.DataFrame
) -> list[tuple[str, float, float]]:
    """The share of each group, and of each value of a diversity attribute, in the sample and in all eligible cases."""
    rows = []
    ours, theirs = collect_groups(framework, chosen), collect_groups(framework, eligible)
    for group in framework.groups:
        if (theirs[group.key] >= 0).any():
            title = group.title[:1].upper() + group.title[1:]
            rows.append(
                (title, _calculate_share(ours[group.key] == 1), _calculate_share(theirs[group.key] == 1))
            )
            if (theirs[group.key] < 0).any():
                unknown = _calculate_share(ours[group.key] < 0), _calculate_share(theirs[group.key] < 0)
                rows.append((f"{title}: {NOT_RECORDED}", *unknown))
    for attribute in framework.attributes:
        if (
            attribute.kind == "choice"
            and attribute.key in eligible.columns
            and attribute.known_from == "caseload"
            and eligible[attribute.key].drop_nulls().n_unique() > 1
        ):
            for value in eligible[attribute.key].drop_nulls().unique(maintain_order=True).sort().to_list():
                label = f"{attribute.title}: {value.replace('_', ' ')}"
                rows.append(
                    (
                        label,
                        _calculate_mean(chosen[attribute.key] == value),
                        _calculate_mean(eligible[attribute.key] == value),
                    )
                )
            if eligible[attribute.key].null_count():
                blank = (
                    _calculate_mean(chosen[attribute.key].is_null()),
                    _calculate_mean(eligible[attribute.key].is_null()),
                )
                rows.append((f"{attribute.title}: {NOT_RECORDED}", *blank))
    return rows


def _calculate_share(truth: Mask) -> float:
    """The percentage of all cases."""
    return 100 * float(truth.mean()) if len(truth) else 0.0


def _calculate_mean(truth: pl.Series) -> float:
    """The percentage of all cases of which something is known to be so."""
    value = truth.fill_null(value=False).mean()
    return 100 * float(value) if isinstance(value, float) else 0.0
