"""The blocks of the template in every markup seen, and what merely looks like one."""

import pytest

from newscrawl import extract_article

from .post_page import URL, post_page

LEAD = "<p>The ferry came back.</p>"
PARTS = "<h2>Tides: what they do</h2><p>They turn.</p><h2>Costs</h2><p>They rise.</p>"
ROWS = ["Tides: what they do", "Costs"]
BODY = "The ferry came back.\n\nTides: what they do\n\nThey turn.\n\nCosts\n\nThey rise."

OUTLINES = {
    "table with th": "<table><tbody><tr><th>Article Subheadings</th></tr><tr><td><strong>1)</strong> Tides: what they "
    "do</td></tr><tr><td><strong>2)</strong> Costs</td></tr></tbody></table>",
    "table with td": "<table><tr><td>Article Subheadings</td></tr><tr><td>1) Tides: what they do</td></tr><tr><td>2) "
    "Costs</td></tr></table>",
    "block table": '<figure class="wp-block-table"><table><thead><tr><th><strong>Article Subheadings</strong></th></tr>'
    "</thead><tbody><tr><td>1) Tides: what they do</td></tr><tr><td>2) Costs</td></tr></tbody></table></figure>",
    "one cell with br": "<table><tr><td>Article Subheadings<br>1) Tides: what they do<br/>2) Costs</td></tr></table>",
    "cell of paragraphs": "<table><tr><td><p>Article Subheadings</p><p>1) Tides: what they do</p><p>2) Costs</p></td>"
    "</tr></table>",
    "number cells": "<table><tr><th colspan=2>Article Subheadings</th></tr><tr><td>1)</td><td>Tides: what they do</td>"
    "</tr><tr><td>2)</td><td>Costs</td></tr></table>",
    "label over ol": "<p><strong>Article Subheadings</strong></p><ol><li>Tides: what they do</li><li>Costs</li></ol>",
    "heading over ul": "<h3>Article Subheadings</h3><ul><li>1) Tides: what they do</li><li>2) Costs</li></ul>",
    "label over table": "<h4>Article Subheadings:</h4><table><tr><td>1) Tides: what they do</td></tr><tr><td>2) Costs"
    "</td></tr></table>",
    "br lines": "<p>Article Subheadings<br />1) Tides: what they do<br />\n2) Costs</p>",
    "bold label, br lines": "<p><b>Article Subheadings</b><br>1) Tides: what they do<br>2) Costs</p>",
    "paragraphs": "<p>Article Subheadings</p><p>1) Tides: what they do</p><p>2) Costs</p>",
    "text without tags": "Article Subheadings<br>1) Tides: what they do<br>2) Costs",
}


@pytest.mark.parametrize("markup", OUTLINES.values(), ids=OUTLINES)
def test_outline(markup):
    article = extract_article(post_page(LEAD + markup + PARTS), URL)
    assert article.outline == ROWS
    assert article.lead == "The ferry came back."
    assert article.body == BODY
    assert [(part["heading"], part["level"]) for part in article.body_sections] == [(ROWS[0], 2), (ROWS[1], 2)]


KEY_POINTS = {
    "th th": "<table><tr><th>No.</th><th>Key Points</th></tr><tr><td>1</td><td>3 ships left.</td></tr><tr><td>2</td>"
    "<td>Fares: 12% up.</td></tr></table>",
    "td td": "<table><tr><td>No.</td><td>Key Points</td></tr><tr><td>1</td><td>3 ships left.</td></tr><tr><td>2</td>"
    "<td>Fares: 12% up.</td></tr></table>",
    "block table": '<figure class="wp-block-table"><table class="has-fixed-layout"><thead><tr><th>No.</th><th>Key Points'
    "</th></tr></thead><tbody><tr><td>1</td><td>3 ships left.</td></tr><tr><td>2</td><td>Fares: 12% up.</td></tr>"
    "</tbody></table></figure>",
    "one column": "<table><tr><th>Key Points</th></tr><tr><td>3 ships left.</td></tr><tr><td>Fares: 12% up.</td></tr>"
    "</table>",
    "one cell with br": "<table><tr><td>No. Key Points<br>1 3 ships left.<br>2 Fares: 12% up.</td></tr></table>",
    "br lines": "<p>No. Key Points<br>1 3 ships left.<br>2 Fares: 12% up.</p>",
    "heading over ol": "<h2>Key Points</h2><ol><li>3 ships left.</li><li>Fares: 12% up.</li></ol>",
    "bold over ul": "<p><strong>Key Points</strong></p><ul><li>3 ships left.</li><li>Fares: 12% up.</li></ul>",
    "bold over nested ul": "<p><strong>Key Points</strong></p><ul><li>3 ships left.<ul><li>Fares: 12% up.</li></ul></li>"
    "</ul>",
}


@pytest.mark.parametrize("markup", KEY_POINTS.values(), ids=KEY_POINTS)
def test_key_points(markup):
    article = extract_article(post_page(LEAD + PARTS + markup + "<h2>Summary</h2><p>All well.</p>"), URL)
    assert article.key_points == ["3 ships left.", "Fares: 12% up."]
    assert article.summary == "All well."
    assert article.body == BODY


FAQS = {
    "bold then p": "<p><strong>Question: Who pays?</strong></p><p>The harbour.</p><p><strong>Question: When?</strong></p>"
    "<p>In May.</p><p>Or June.</p>",
    "bold, br, answer": "<p><strong>Question: Who pays?</strong><br>The harbour.</p><p><strong>Question: When?</strong><br>"
    "In May.</p><p>Or June.</p>",
    "br inside bold": "<p><strong>Question: Who pays?<br></strong>The harbour.</p><p><strong>Question: When?<br></strong>"
    "In May.</p><p>Or June.</p>",
    "bold word only": "<p><strong>Question:</strong> Who pays?</p><p>The harbour.</p><p><strong>Question:</strong> When?</p>"
    "<p>In May.</p><p>Or June.</p>",
    "headings": "<h3>Question: Who pays?</h3><p>The harbour.</p><h3>Question: When?</h3><p>In May.</p><p>Or June.</p>",
    "headings without the word": "<h4>Who pays?</h4><p>The harbour.</p><h4>When?</h4><p>In May.</p><p>Or June.</p>",
    "headings of the same level": "<h2>Question: Who pays?</h2><p>The harbour.</p><h2>Question: When?</h2><p>In May.</p>"
    "<p>Or June.</p>",
    "plain": "<p>Question: Who pays?</p><p>The harbour.</p><p>Question: When?</p><p>In May.</p><p>Or June.</p>",
    "plain in one line": "<p>Question: Who pays? The harbour.</p><p>Question: When? In May.</p><p>Or June.</p>",
    "one paragraph": "<p>Question: Who pays?<br>The harbour.<br><br>Question: When?<br>In May.<br><br>Or June.</p>",
    "answer label": "<p><b>Question: Who pays?</b></p><p>Answer: The harbour.</p><p><b>Question: When?</b></p><p>"
    "<strong>Answer:</strong> In May.</p><p>Or June.</p>",
    "bold run, answer behind": "<p><strong>Question: Who pays?</strong> The harbour.</p><p><strong>Question: When?</strong> "
    "In May.</p><p>Or June.</p>",
    "list": "<ul><li><strong>Question: Who pays?</strong><br>The harbour.</li><li><strong>Question: When?</strong><br>In "
    "May.<p>Or June.</p></li></ul>",
    "definition list": "<dl><dt>Question: Who pays?</dt><dd>The harbour.</dd><dt>Question: When?</dt><dd><p>In May.</p>"
    "<p>Or June.</p></dd></dl>",
    "details": "<details><summary>Who pays?</summary><p>The harbour.</p></details><details><summary>When?</summary><p>In "
    "May.</p><p>Or June.</p></details>",
    "plugin block": '<div class="rank-math-list"><div class="rank-math-list-item"><h3 class="rank-math-question">Who '
    'pays?</h3><div class="rank-math-answer"><p>The harbour.</p></div></div><div class="rank-math-list-item"><h3>When?'
    "</h3><div><p>In May.</p><p>Or June.</p></div></div></div>",
    "rulers between": "<p><strong>Question: Who pays?</strong></p><p>The harbour.</p><hr><p><strong>Question: When?"
    "</strong></p><p>In May.</p><p>Or June.</p>",
}
LABELS = {
    "h2": "<h2>Frequently Asked Questions</h2>",
    "h3": "<h3>Frequently Asked Questions:</h3>",
    "bold": "<p><strong>Frequently Asked Questions</strong></p>",
    "short": "<h2>FAQs</h2>",
}


@pytest.mark.parametrize("markup", FAQS.values(), ids=FAQS)
def test_faq(markup):
    article = extract_article(post_page(LEAD + PARTS + LABELS["h2"] + markup), URL)
    assert article.faq == [
        {"question": "Who pays?", "answer": "The harbour."},
        {"question": "When?", "answer": "In May.\n\nOr June."},
    ]
    assert article.body == BODY


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_faq_label(label):
    article = extract_article(post_page(LEAD + PARTS + label + FAQS["bold then p"]), URL)
    assert len(article.faq) == 2
    assert article.body == BODY


def test_faq_ends_at_an_ordinary_heading():
    article = extract_article(
        post_page(LEAD + LABELS["h2"] + FAQS["headings"] + "<h2>Costs</h2><p>They rise.</p>"), URL
    )
    assert len(article.faq) == 2
    assert article.body == "The ferry came back.\n\nCosts\n\nThey rise."


def test_a_note_behind_a_ruler_is_no_answer():
    article = extract_article(post_page(LEAD + LABELS["h2"] + FAQS["headings"] + "<hr><p>Corrected on May 4.</p>"), URL)
    assert article.faq[1]["answer"] == "In May.\n\nOr June."
    assert article.body.endswith("\n\nCorrected on May 4.")


SUMMARIES = {
    "h2": "<h2>Summary</h2><p>All well.</p><p>And late.</p>",
    "h4 with colon": "<h4>Summary:</h4><p>All well.</p><p>And late.</p>",
    "bold": "<p><strong>Summary</strong></p><p>All well.</p><p>And late.</p>",
    "bold and br": "<p><strong>Summary</strong><br>All well.</p><p>And late.</p>",
    "table": "<table><tr><th>Summary</th></tr><tr><td>All well.</td></tr><tr><td>And late.</td></tr></table>",
}


@pytest.mark.parametrize("markup", SUMMARIES.values(), ids=SUMMARIES)
def test_summary(markup):
    article = extract_article(post_page(LEAD + PARTS + markup + LABELS["h2"] + FAQS["plain"]), URL)
    assert article.summary == "All well.\n\nAnd late."
    assert article.body == BODY
    assert len(article.faq) == 2


ORDINARY = {
    "heading that begins like one": ("<h2>Summary of the talks</h2><p>Long.</p>", "Summary of the talks\n\nLong."),
    "heading that asks": ("<h2>Question: who pays?</h2><p>Nobody.</p>", "Question: who pays?\n\nNobody."),
    "sentence with the word": ("<p>Summary judgment was denied.</p>", "Summary judgment was denied."),
    "question in the text": ("<p>Question: is it safe?</p><p>It is.</p>", "Question: is it safe?\n\nIt is."),
    "key points without rows": ("<h2>Key Points</h2><p>There are none.</p>", "Key Points\n\nThere are none."),
    "key points of something": (
        "<h3>Key Points of the Deal</h3><ul><li>One.</li><li>Two.</li></ul>",
        "Key Points of the Deal\n\nOne.\n\nTwo.",
    ),
    "label as a sentence": ("<p>Article Subheadings are new.</p>", "Article Subheadings are new."),
    "label at the end": ("<p>Article Subheadings</p>", "Article Subheadings"),
    "summary without text": ("<h2>Summary</h2><h2>Costs</h2><p>High.</p>", "Summary\n\nCosts\n\nHigh."),
    "faq without questions": (
        "<h2>Frequently Asked Questions</h2><p>Write to us.</p>",
        "Frequently Asked Questions\n\nWrite to us.",
    ),
    "data table": (
        "<table><thead><tr><th>Port</th><th>Ships</th></tr></thead><tr><td>Vell</td><td>4</td></tr></table>",
        "Port | Ships\n\nVell | 4",
    ),
    "list with numbers": ("<ol><li>2 ships</li><li>1 boat</li></ol>", "2 ships\n\n1 boat"),
}


@pytest.mark.parametrize(("markup", "text"), ORDINARY.values(), ids=ORDINARY)
def test_what_looks_like_a_block_stays_in_the_body(markup, text):
    article = extract_article(post_page(LEAD + markup), URL)
    assert article.body == f"The ferry came back.\n\n{text}"
    assert (article.outline, article.key_points, article.summary, article.faq) == ([], [], None, [])


def test_numbers_that_belong_to_the_row_stay():
    rows = "<h2>Key Points</h2><ul><li>2025. A bad year.</li><li>12 ships sank.</li></ul>"
    assert extract_article(post_page(LEAD + rows), URL).key_points == ["2025. A bad year.", "12 ships sank."]


def test_an_essay_has_no_lead():
    article = extract_article(post_page("<p>One.</p><p>Two.</p>"), URL)
    assert (article.lead, article.body_sections, article.body) == (None, [], "One.\n\nTwo.")


def test_an_article_may_begin_with_its_outline():
    article = extract_article(post_page(OUTLINES["table with th"] + PARTS), URL)
    assert article.lead is None
    assert article.outline == ROWS


def test_a_long_lead_is_every_paragraph_before_the_first_block():
    article = extract_article(post_page("<p>One.</p><p>Two.</p>" + OUTLINES["br lines"] + PARTS), URL)
    assert article.lead == "One.\n\nTwo."


BOLD_LINES = {
    "named by the outline": (OUTLINES["table with th"] + "<p><strong>Costs</strong></p><p>They rise.</p>", ["Costs"]),
    "no outline": ("<p><b>Costs</b></p><p>They rise.</p>", ["Costs"]),
    "a sentence": ("<p><b>We will not pay.</b></p><p>They rise.</p>", []),
    "not wholly bold": ("<p><b>Costs</b> rise</p><p>They rise.</p>", []),
    "beside real headings": (OUTLINES["table with th"] + PARTS + "<p><b>Read this</b></p><p>They rise.</p>", ROWS),
}


@pytest.mark.parametrize(("markup", "headings"), BOLD_LINES.values(), ids=BOLD_LINES)
def test_bold_lines(markup, headings):
    article = extract_article(post_page(LEAD + markup), URL)
    assert [part["heading"] for part in article.body_sections] == headings
