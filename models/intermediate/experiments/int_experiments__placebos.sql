-- The experiments without an effect that are drawn tonight, and the sources of each. Named by the night's date and a
-- number, and drawn by that name: whoever draws again draws the same.

with

policy as ({{ policy_in_force(ref('placebo_policy')) }}
),

placebos as (
    select
        policy.*,
        unnest(range(placebos_a_night)) as placebo_number,
        strftime({{ as_of() }}, '%Y-%m-%d') || '/' || placebo_number as placebo_id
    from policy
),

sources as (
    select distinct source_key from {{ ref('int_experiments__placebo_labels') }}
),

final as (
    select
        placebos.placebo_id,
        sources.source_key,
        placebos.placebo_number % placebos.clustered_every = placebos.clustered_every - 1 as is_clustered,
        case
            when placebos.placebo_number % placebos.small_every = placebos.small_every - 1 then placebos.small_share
            else placebos.usual_share
        end as treatment_share,
        ceil(placebos.label_days / placebos.look_days)::integer as look_count,
        placebos.planted_lift,
        placebos.low_rate_below
    from placebos
    cross join sources
    -- Whole sources are given from all there are: of six no arm would ever have enough.
    qualify is_clustered or row_number() over (
        partition by placebos.placebo_id
        order by {{ hash_share("placebos.placebo_id || '/' || sources.source_key") }}, sources.source_key
    ) <= placebos.sources_each
)

select * from final
