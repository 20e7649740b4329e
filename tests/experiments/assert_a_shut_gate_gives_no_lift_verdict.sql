-- A returned row is an experiment whose verdict does not fit its gate, or whose gate does not fit its counts.
select *
from {{ ref('experiment_gates') }}
where
    (sample_gate = 'shut' and verdict not in ('insufficient_data', 'sample_ratio_mismatch'))
    or (sample_gate = 'open' and verdict = 'insufficient_data')
    or (sample_gate = 'open') is distinct from (
        least(control_counted, treatment_counted) >= min_reviewed
        and least(control_days, treatment_days) >= min_days
    )
    or control_counted > control_reviewed_count
    or treatment_counted > treatment_reviewed_count
    or (sample_gate = 'shut' and (len(missing_evidence) = 0 or expected_open_date is null))
