import json

from yanta.hub.intake.mapping import (
    ColumnChoice,
    Mapping,
    MemoryStore,
    confirm,
    drift,
    fingerprint_of,
    place_of,
)

LABELS = ("学号", "姓名", "电话")


def mapping_of(labels=LABELS):
    columns = tuple(ColumnChoice(i, label, None, 0.9, ("因为",)) for i, label in enumerate(labels))
    return Mapping(fingerprint_of("甲", labels), "甲", "academic", columns)


class TestKeeping:
    def test_survives_json(self):
        mapping = mapping_of()

        assert Mapping.from_json(json.loads(json.dumps(mapping.to_json()))) == mapping

    def test_is_found_again_by_the_layout_it_was_confirmed_for(self):
        store, mapping = MemoryStore(), confirm(mapping_of(), by="王芳")
        store.save(mapping)

        assert store.find(fingerprint_of("甲", LABELS)) == mapping
        assert store.find(fingerprint_of("甲", ("姓名", "学号", "电话"))) is None

    def test_next_terms_file_is_met_at_the_same_place(self):
        assert place_of("学籍2025秋(1).xlsx", "一") == place_of("学籍2026秋(2).xlsx", "一")


class TestDrift:
    def test_names_what_came_went_and_moved(self):
        found = drift(mapping_of(), ("姓名", "学号", "邮箱"))

        assert (found.added, found.removed, found.moved) == (("邮箱",), ("电话",), ("姓名", "学号"))
        assert found.sentence() == "新增列：邮箱；少了列：电话；换了位置：姓名、学号"

    def test_a_changed_layout_is_the_next_version(self):
        assert confirm(mapping_of(), by="王芳", before=mapping_of()).version == 2
