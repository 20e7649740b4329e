-- From when on rows of a feed are kept, as the policy in force at the run's instant says: whole ISO weeks, so that no day
-- and no week is ever computed from a part of its rows. A feed that is kept for ever has no row.
select
    feed,
    date_trunc('week', (timestamptz '{as_of}' - to_days(retention_days))::timestamp)::timestamptz as kept_from
from read_csv(
    '{policy}',
    header = true,
    columns = {'feed': 'varchar', 'effective_from': 'timestamptz', 'retention_days': 'integer', 'rationale': 'varchar'}
)
where effective_from <= timestamptz '{as_of}'
qualify
    row_number() over (partition by feed order by effective_from desc) = 1
    and retention_days is not null
