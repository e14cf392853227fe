from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from common.document.graph import on_cycles, plan_order, reachable, rings
from common.document.resolved import ResolvedForeignKey

NAMES = [f"t{index}" for index in range(8)]


def key(table: str, target: str) -> ResolvedForeignKey:
    return ResolvedForeignKey(table, (f"{target}_id",), target, ("id",), "NO ACTION", f"/{table}")


graphs = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).map(lambda edge: key(*edge)),
    max_size=25,
)


@given(keys=graphs, data=st.data())
def test_every_table_comes_after_what_it_needs_but_for_the_keys_that_wait(keys, data):
    nullable = data.draw(st.lists(st.sampled_from(keys), max_size=10)) if keys else []
    order, waiting = plan_order(NAMES, keys, nullable)
    assert sorted(order) == sorted(NAMES)
    for one in keys:
        if one.table != one.target_table and one not in waiting:
            assert order.index(one.target_table) < order.index(one.table)
    assert all(one.table != one.target_table for one in waiting)


@given(keys=graphs)
def test_only_keys_on_cycles_wait(keys):
    _, waiting = plan_order(NAMES, keys, [])
    assert set(waiting) <= set(rings(keys))


@given(keys=graphs)
def test_without_cycles_nothing_waits(keys):
    upward = [one for one in keys if one.target_table < one.table]
    order, waiting = plan_order(NAMES, upward, [])
    assert (order, waiting) == (tuple(NAMES), ())


def test_the_order_of_the_document_is_kept_where_it_is_free():
    order, _ = plan_order(["c", "b", "a", "d"], [key("c", "a")], [])
    assert order == ("b", "a", "c", "d")


def test_of_a_cycle_the_nullable_key_waits():
    soft, hard = key("units", "people"), key("people", "units")
    assert plan_order(["units", "people"], [soft, hard], [soft]) == (("units", "people"), (soft,))
    assert plan_order(["people", "units"], [soft, hard], [soft]) == (("units", "people"), (soft,))


def test_a_table_that_refers_to_itself_waits_for_nothing():
    assert plan_order(["a"], [key("a", "a")], []) == (("a",), ())


def test_a_large_knot_is_ordered_in_a_moment():
    names = [f"t{index}" for index in range(50)]
    keys = [key(one, other) for one in names for other in names if one != other]
    order, waiting = plan_order(names, keys, [])
    assert len(order) == 50
    assert len(waiting) == len(keys) // 2


def test_a_cycle_of_keys_that_are_not_null_is_a_warning(make, warnings):
    first = make.table("a", make.key("b_id", "b.id", nullable=False))
    second = make.table("b", make.key("a_id", "a.id", nullable=False))
    assert warnings(make.document(first, second)) == {
        ("/schema/0/columns/1", "not_null_cycle"),
        ("/schema/1/columns/1", "not_null_cycle"),
    }
    loose = make.table("b", make.key("a_id", "a.id"))
    assert warnings(make.document(first, loose)) == set()


def test_a_table_that_must_refer_to_itself_is_a_warning(make, warnings):
    own = make.table("a", make.key("a_id", "a.id", nullable=False))
    assert warnings(make.document(own)) == {("/schema/0/columns/1", "not_null_cycle")}


def test_cyclic_keys_are_named_in_the_document(make, resolve):
    document = resolve(
        make.document(
            make.table("a", make.key("b_id", "b.id")),
            make.table("b", make.key("a_id", "a.id", nullable=False)),
            make.table("c", make.key("a_id", "a.id"), make.key("c_id", "c.id")),
        )
    )
    assert document.build_order == ("a", "b", "c")
    assert [(one.table, one.columns) for one in document.cyclic_keys] == [("a", ("b_id",))]


@given(st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES))))
def test_what_lies_on_a_cycle_reaches_itself(some):
    edges = {name: some.get(name, set()) for name in NAMES}
    assert on_cycles(edges) == {name for name in NAMES if name in reachable(edges, name)}
