"""What scores mean, as their table says it: for pages, docs and the terminal."""

from liverseg.statistics.score import Score
from liverseg.statistics.score_table import OF_A_CASE, SCORES


def explain_terms() -> dict[str, str]:
    """The meaning of every score by its term; of both regions and all sizes it is one."""
    meanings: dict[str, str] = {}
    for score in (*OF_A_CASE.values(), *SCORES.values()):
        meanings.setdefault(score.term, _explain(score))
    return meanings


def describe_terms() -> str:
    """The same as a Markdown list."""
    return "\n".join(f"- **{term}**: {meaning}" for term, meaning in explain_terms().items())


def describe_keys() -> str:
    """A Markdown list of the keys in the JSON of ``liverseg score``, and what they hold."""
    return "\n".join(
        f"- `{score.key}`: {score.title}. {_explain(score)}" for score in SCORES.values()
    )


def _explain(score: Score) -> str:
    wish = f" {score.better.capitalize()} is better." if score.better else ""
    return f"{score.meaning}{wish}"
