"""Each document is judged by what the lists beside it say."""

from __future__ import annotations

from pathlib import Path

import pytest

from backbone.corpus.expectations import ExpectationError, find_expectation
from backbone.corpus.places import missed, wrong_places
from backbone.corpus.proof import Case, Prover, Wishes
from common.document.limits import DocumentLimits
from tests.unit.corpus.conftest import KEY, document
from workers.engines import Engines
from workers.sandbox.sandbox import open_sandbox

KEYLESS = document({"name": "word", "type": "Text"})
GOOD = document(KEY)
WRONG = document(KEY, {"name": "x", "type": "Text", "unique": "yes"})


def prove(path: Path, **wishes):
    # Both start nothing, since nothing is verified
    with open_sandbox() as sandbox, Engines({}) as engines:
        wanted = Wishes(verify="none", **wishes)
        prover = Prover(wanted, DocumentLimits(), sandbox, engines, cancelled=lambda: False)
        return prover.prove(Case(path.name, path, find_expectation(path)))


def test_without_a_list_a_document_has_to_be_accepted(put):
    assert prove(put("good.json", GOOD)).passed
    refused = prove(put("wrong.json", WRONG))
    assert not refused.passed
    assert refused.what == "refused"
    assert refused.wrong == (
        "/schema/0/columns/1/unique: Must be true or false, not the string 'yes'.",
    )


@pytest.mark.parametrize(
    ("expect", "where", "passed"),
    [
        ("reject", "schema[0].columns[1].unique", True),
        ("reject", "schema[0].columns[1]", True),
        ("reject", "schema[0].columns[1].unique.x", True),
        ("reject", "", True),
        ("reject", "schema[0].columns[0].unique", False),
        ("reject", "schema[0]", False),
        ("either", "schema[0].columns[0]", True),
        ("accept", "", False),
    ],
)
def test_a_refusal_is_judged_by_its_place(put, expect, where, passed):
    put("EXPECT.tsv", f"file\texpect\twhere\twhy\nwrong.json\t{expect}\t{where}\tit's \"so\n")
    assert prove(put("wrong.json", WRONG)).passed is passed


def test_what_has_to_be_refused_must_not_be_accepted(put):
    put("EXPECT.tsv", "file\texpect\twhere\twhy\ngood.json\treject\t\tbecause\n")
    proved = prove(put("good.json", GOOD))
    assert proved.wrong == ("accepted, but has to be refused: because",)


def test_a_document_without_keys_is_tried_both_ways(put):
    said = "refuse: no primary key; accept with add_missing_primary_keys"
    put("INDEX.tsv", f"name\texpect\nkeyless\t{said}\ngood\t{said}\n")
    proved = prove(put("real/keyless.json", KEYLESS))
    assert (proved.what, proved.wrong) == ("refused, then generated", ())
    assert prove(put("real/keyless.json", KEYLESS), add_missing_primary_keys=True).what == (
        "generated"
    )
    assert not prove(put("real/good.json", GOOD)).passed


def test_a_refusal_elsewhere_is_not_the_one_that_was_expected(put):
    put("INDEX.tsv", "name\texpect\nboth\trefuse: no primary key\n")
    both = document({"name": "x", "type": "ForeignKey", "target": "nowhere.id"})
    assert prove(put("both.json", both)).wrong == (
        "refused at /schema/0/columns/0/target, which is not why it has to be",
    )


def test_every_place_has_to_be_named():
    long = [{"name": f"c{number}", "type": "Text"} for number in range(101)]
    doubled = document(*long)
    doubled["schema"] *= 2
    places = wrong_places(doubled, "over 100 columns")
    assert places == ["/schema/0/columns", "/schema/1/columns"]
    assert missed(["/schema/1/columns"], places) == ["/schema/0/columns"]
    assert wrong_places(doubled, "no primary key") == ["/schema/0", "/schema/1"]
    loose = document(KEY, {"name": "x", "type": "ForeignKey", "target": "things.x"})
    assert wrong_places(loose, "a foreign key to a column that is neither key nor unique") == [
        "/schema/0/columns/1"
    ]


def test_what_is_no_document_fails_alone(put):
    assert prove(put("broken.json", "{")).wrong[0].startswith("(document): The body is not JSON")
    assert prove(put("list.json", "[]")).what == "refused"
    missing = put("gone.json", GOOD)
    missing.unlink()
    assert prove(missing).wrong == ("can't be read: no such file or directory",)


@pytest.mark.parametrize(
    "text", ["name\texpect\nx\tperhaps\n", "name\texpect\nx\n", "a\tb\nx\taccept\n"]
)
def test_a_list_that_makes_no_sense_is_refused(put, text):
    put("INDEX.tsv", text)
    with pytest.raises(ExpectationError, match=r"INDEX\.tsv"):
        find_expectation(put("x.json", GOOD))


def test_wishes_go_before_what_documents_say(put):
    proved = prove(put("other.json", GOOD | {"db_type": "oracle"}), db_type="mysql")
    assert proved.passed
