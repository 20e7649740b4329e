-- A returned row is a stream whose Brier score is not the sum of its parts.
select *
from {{ ref('extraction_calibration_metrics') }}
where abs(brier_score - (reliability - resolution + uncertainty + within_bin_residual)) > 1e-9
