-- Of each class the tenth of confidence in which its latest week was wrong most: what it said and what was right.
select
    claim_class as subject,
    parser_version,
    period_key,
    mean_confidence,
    sample_count,
    correct_count
from extraction_reliability_bins
where sample_count > 0
qualify
    row_number() over (
        partition by claim_class, parser_version
        order by period_starts_on desc, mean_confidence * sample_count - correct_count desc, bin_index
    ) = 1
order by subject, parser_version
