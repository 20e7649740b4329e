# How far each stream's outcomes lie from its stated confidence before a watched week. Python: a Newton fit per week.
from learning_loop.calibration import baseline


def model(dbt, session):
    dbt.config(materialized="table", schema="scratch")
    bins = dbt.ref("int_calibration__baseline_bins")
    ordered = bins.order("claim_class, parser_version, watched_from, period_starts_on, bin_index")
    return baseline.fit(ordered.to_arrow_table())
