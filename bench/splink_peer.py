"""Splink on the same rows, configured as one would with care: the peer that matching is measured against."""

import duckdb
import pyarrow as pa
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

# Shared with our engine: a birth date inside a valid number counts, a number held before links as the number does.
_PREPARED = """
select row_id as unique_id, nullif(name_key, '') as name, former_name, nullif(name_pinyin, '') as pinyin, sex,
    coalesce(birth_on, case when id_valid then id_birth_on end) as born,
    coalesce(birth_month, strftime(case when id_valid then id_birth_on end, '%Y-%m')) as born_month,
    id_no, phone, email, bank_account, staff_no, coalesce(ug_no, former_ug_no) as ug_no, former_ug_no, grad_no,
    exam_no, card_no, dorm_bed, org_code
from clean
"""

_NAME = comparisons.CustomComparison(
    output_column_name="name",
    comparison_levels=[
        levels.NullLevel("name"),
        levels.ExactMatchLevel("name", term_frequency_adjustments=True),
        levels.CustomLevel(
            "former_name_l = name_r or former_name_r = name_l", label_for_charts="former name"
        ),
        levels.CustomLevel("pinyin_l = pinyin_r", label_for_charts="same sound"),
        levels.JaroWinklerLevel("name", 0.8),
        levels.ElseLevel(),
    ],
)
_BORN = comparisons.CustomComparison(
    output_column_name="born_month",
    comparison_levels=[
        levels.NullLevel("born_month"),
        levels.CustomLevel("born_l = born_r", label_for_charts="same day"),
        levels.ExactMatchLevel("born_month"),
        levels.ElseLevel(),
    ],
)
_UNDERGRADUATE = comparisons.CustomComparison(
    output_column_name="ug_no",
    comparison_levels=[
        levels.NullLevel("ug_no"),
        levels.ExactMatchLevel("ug_no"),
        levels.CustomLevel(
            "former_ug_no_l = ug_no_r or former_ug_no_r = ug_no_l", label_for_charts="number before"
        ),
        levels.ElseLevel(),
    ],
)
_KEYS = ("id_no", "ug_no", "staff_no", "grad_no", "exam_no", "phone", "email", "bank_account", "card_no")


def _settings() -> SettingsCreator:
    exact = [
        comparisons.ExactMatch(each)
        for each in ("staff_no", "grad_no", "exam_no", "card_no", "email", "bank_account", "sex")
    ]
    frequent = [
        comparisons.ExactMatch(each).configure(term_frequency_adjustments=True)
        for each in ("phone", "org_code")
    ]
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            _NAME,
            _BORN,
            _UNDERGRADUATE,
            comparisons.DamerauLevenshteinAtThresholds("id_no", [1]),
            *exact,
            *frequent,
        ],
        blocking_rules_to_generate_predictions=[
            *(block_on(each) for each in _KEYS),
            "l.former_ug_no = r.ug_no",
            block_on("name", "born"),
            block_on("name", "born_month"),
            block_on("pinyin", "born"),
        ],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )


class Peer:
    """Train and predict once; cluster at any threshold."""

    def __init__(self, rows: pa.Table) -> None:
        self.db = duckdb.connect()
        self.db.register("clean", rows)
        self.db.execute(f"create table prepared as {_PREPARED}")
        api = DuckDBAPI(connection=self.db)
        self.linker = Linker(api.register("prepared"), _settings())

    def predict(self) -> None:
        """Prior from rules, u from random pairs, m by EM in three passes over different blocks."""
        training = self.linker.training
        training.estimate_probability_two_random_records_match(
            [block_on("id_no"), block_on("name", "born")], recall=0.7
        )
        training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in (block_on("id_no"), block_on("name", "born"), block_on("phone")):
            training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=1e6)
        self.predictions = self.linker.inference.predict(threshold_match_probability=0.5)

    def cluster(self, *, threshold: float) -> dict[int, str]:
        """Cluster of each row."""
        found = self.linker.clustering.cluster_pairwise_predictions_at_threshold(
            self.predictions, threshold_match_probability=threshold
        )
        rows = self.db.execute(f"select unique_id, cluster_id from {found.physical_name}").fetchall()
        return {int(row_id): str(cluster) for row_id, cluster in rows}
