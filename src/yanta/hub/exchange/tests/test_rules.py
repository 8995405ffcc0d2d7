"""Drift and masking without a database."""

from __future__ import annotations

import pytest

from yanta.hub.exchange import rules
from yanta.hub.exchange.connectors.base import Address, ColumnShape, TableShape
from yanta.hub.exchange.connectors.foreign import ForeignConnector, OracleConnector, SqlServerConnector
from yanta.hub.exchange.connectors.pgoutput import lsn_number, lsn_text
from yanta.hub.exchange.connectors.shapes import fingerprint, from_json, kind_declared, to_json
from yanta.hub.exchange.tests.factories import shape_named
from yanta.kernel.base import Refused

ACCEPTED = shape_named("t", ("id", "integer"), ("name", "text"), ("born", "date"))


def drift(*columns: tuple[str, str]) -> list[tuple[str, str, bool]]:
    found = rules.drift_between(ACCEPTED, shape_named("t", *columns), aliases={}, ignored=())
    return [(one.change, one.column, one.stops) for one in found]


class TestDrift:
    @pytest.mark.parametrize(
        ("columns", "expected"),
        [
            ([("id", "integer"), ("name", "text"), ("born", "date")], []),
            ([("born", "date"), ("id", "integer"), ("name", "text")], []),
            (
                [("id", "integer"), ("name", "text"), ("born", "date"), ("sex", "text")],
                [("added", "sex", False)],
            ),
            ([("id", "integer"), ("name", "text")], [("removed", "born", True)]),
            ([("id", "integer"), ("name", "text"), ("birth", "date")], [("renamed", "born", True)]),
            ([("id", "integer"), ("name", "text"), ("born", "text")], [("retyped", "born", True)]),
            ([("id", "integer"), ("name", "date"), ("born", "date")], [("retyped", "name", False)]),
            ([], []),
        ],
    )
    def test_is_named_and_weighed(
        self, columns: list[tuple[str, str]], expected: list[tuple[str, str, bool]]
    ) -> None:
        assert drift(*columns) == expected

    def test_a_new_column_of_another_kind_is_no_new_name(self) -> None:
        assert drift(("id", "integer"), ("name", "text"), ("borne", "text")) == [
            ("removed", "born", True), ("added", "borne", False),
        ]  # fmt: skip

    def test_only_columns_in_use_stop_a_read(self) -> None:
        found = rules.drift_between(
            ACCEPTED, shape_named("t", ("id", "integer"), ("name", "text")), aliases={}, ignored=()
        )

        assert rules.stop_sentence(found, {"id", "name"}) is None
        assert "“born”不见了" in (rules.stop_sentence(found, {"born"}) or "")

    def test_what_is_accepted_becomes_the_shape(self) -> None:
        assert rules.shape_after(ACCEPTED, "removed", "id", None).key == ()
        assert rules.shape_after(ACCEPTED, "retyped", "born", ColumnShape("born", "text")).column(
            "born"
        ) == ColumnShape("born", "text")
        assert rules.shape_after(ACCEPTED, "added", "sex", ColumnShape("sex", "text")).names[-1] == "sex"


class TestPreview:
    @pytest.mark.parametrize(
        ("column", "value", "shown"),
        [
            ("a", "610113200402290018", "610***********0018"), ("a", "13912345678", "139****5678"),
            ("姓名", "欧阳娜", "欧**"), ("HOLDER_NAME", "王伟", "王*"), ("CARD_NO", "6100001234", "6********4"),
            ("filename", "a.csv", "a.csv"), ("mobile", "029-88201234", "0**********4"), ("a", "someone@x.edu.cn", "som*********u.cn"),
            ("专业", "车辆工程", "车辆工程"), ("a", None, ""), ("a", b"xyz", "（3 字节）"),
        ],
    )  # fmt: skip
    def test_masks_what_looks_personal(self, column: str, value: object, shown: str) -> None:
        assert rules.shown_cell(column, value) == shown


class TestShapes:
    def test_survive_storage_and_have_a_fingerprint(self) -> None:
        assert from_json(to_json(ACCEPTED)) == ACCEPTED
        assert fingerprint(ACCEPTED) == fingerprint(from_json(to_json(ACCEPTED)))
        assert fingerprint(ACCEPTED) != fingerprint(shape_named("t", ("id", "text")))

    @pytest.mark.parametrize(
        ("word", "kind"),
        [("NUMBER(10,2)", "decimal"), ("VARCHAR2(20)", "text"), ("bigint unsigned", "integer"), ("DATETIME", "instant"),
         ("timestamp with time zone", "instant"), ("date", "date"), ("longblob", "binary"), ("bit(1)", "flag"), ("", "text")],
    )  # fmt: skip
    def test_words_of_databases(self, word: str, kind: str) -> None:
        assert kind_declared(word) == kind

    def test_places_in_the_log(self) -> None:
        assert lsn_text(lsn_number("16/B374D848")) == "16/B374D848"


class TestForeign:
    SHAPE = TableShape(
        "T_XS", (ColumnShape("XH", "text"), ColumnShape("GXSJ", "instant"), ColumnShape("ID", "integer"))
    )

    def test_oracle_compiles(self) -> None:
        made = OracleConnector(Address("oracle", {})).statement(
            self.SHAPE, ["XH"], after="2026-09-01 08:00:00", by="GXSJ"
        )

        assert '"t0"."XH"' in made
        assert "TO_TIMESTAMP('2026-09-01T08:00:00" in made
        assert '"t0"."GXSJ" IS NULL' in made

    def test_sql_server_compiles(self) -> None:
        made = SqlServerConnector(Address("sqlserver", {})).statement(self.SHAPE, after="5", by="ID")

        assert "[t0].[ID] >= 5" in made
        assert "[t0].[ID] IS NULL" in made

    @pytest.mark.parametrize(
        ("kind", "package"), [(OracleConnector, "oracledb"), (SqlServerConnector, "pyodbc")]
    )
    def test_a_missing_driver_says_what_to_install(self, kind: type[ForeignConnector], package: str) -> None:
        with pytest.raises(Refused, match=f"安装软件包 {package}"):
            kind(Address("x", {})).tables()

    def test_unknown_columns_are_refused(self) -> None:
        with pytest.raises(Refused, match="没有列“NO”"):
            OracleConnector(Address("oracle", {})).statement(self.SHAPE, ["NO"])
