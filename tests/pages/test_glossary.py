from liverseg.pages.glossary import describe_keys, describe_terms, explain_terms
from liverseg.statistics.score_table import SCORES
from tests.pipeline.clone import REPOSITORY


def test_every_score_is_explained_under_its_term_and_its_key():
    terms = explain_terms()
    assert {score.term for score in SCORES.values()} <= set(terms)
    assert all(meaning.endswith(".") for meaning in terms.values())
    keys = [line.split("`")[1] for line in describe_keys().splitlines()]
    assert keys == list(SCORES)


def test_the_docs_hold_the_glossary_as_the_table_of_scores_says_it():
    page = (REPOSITORY / "docs" / "figures.md").read_text(encoding="utf-8")
    shown = page.split("<!-- scores -->")[1].split("<!-- /scores -->")[0].strip()
    assert shown == describe_terms(), "put liverseg.pages.glossary.describe_terms() there again"


def test_it_is_said_in_which_direction_a_score_is_better():
    terms = explain_terms()
    assert terms["Dice"].endswith("Higher is better.")
    assert terms["HD95 with penalty"].endswith("Lower is better.")
    assert terms["RVD"].endswith("Nearer to 0 is better.")
