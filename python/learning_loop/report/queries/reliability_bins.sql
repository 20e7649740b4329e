-- One stream's latest week in tenths of confidence: how often claims of that confidence were right.
select
    bin_from,
    bin_to,
    sample_count,
    mean_confidence,
    accuracy,
    accuracy_lower,
    accuracy_upper
from extraction_reliability_bins
where claim_class = $claim_class and parser_version = $parser_version and period_key = $period_key and sample_count > 0
order by bin_index
