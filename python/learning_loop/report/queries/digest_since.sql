-- The night before the last; without one, the beginning.
select coalesce(
    (select any_value(night_before) from night_changes),
    (select min(as_of) - interval 1 day from nightly_runs where status = 'success')
) as since
