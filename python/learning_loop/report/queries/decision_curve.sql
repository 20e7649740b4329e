-- The share of the window's candidates that still waited for a decision after so many hours (Kaplan and Meier).
select
    greatest(waited_hours, 1) as waited_hours,
    min(open_share) as open_share,
    min(open_share_lower) as open_share_lower,
    min(open_share_upper) as open_share_upper,
    min(at_risk_count) as at_risk_count,
    any_value(window_days) as window_days
from time_to_decision_curve
where window_days = (select any_value(window_days) from source_overview)
group by 1
order by 1
