-- A returned row is a run whose claims are neither considered nor filtered, or whose streams have no status.
select *
from {{ ref('extraction_calibration_runs') }}
where
    total_claims is distinct from considered_claims + filtered_retracted + filtered_no_target
    or streams_written is distinct from healthy_count + monitor_count + degraded_count
