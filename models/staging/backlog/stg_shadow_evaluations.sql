-- What shadow evaluations found on a candidate's fix or an experiment, once per evaluation_id, for ever.

with

typed as (
    {{ typed_rows() }}
),

judged as (
    select
        * replace (
            coalesce(defect, case
                when coalesce(candidate_key, experiment_id) is null
                    then {{ defect('missing_field', 'candidate_key or experiment_id') }}
            end) as defect
        )
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
