-- Which candidate each run chose for a ticket at a step, typed, once per processing of the ticket.

-- depends_on: {{ ref('verdict_words') }}

with

typed as (
    {{ typed_rows() }}
),

judged as (
    select
        * replace (
            {{ ticket_columns() }},
            coalesce(warnings, []) as warnings,
            coalesce(is_conflict, false) as is_conflict,
            coalesce(needs_manual_review, false) as needs_manual_review,
            coalesce(is_manual_review_recommended, false) as is_manual_review_recommended,
            coalesce(has_low_agreement, false) as has_low_agreement
        ),
        {{ stage_b_run_id() }} as run_id,
        -- Older runs wrote no selected_candidate: there, a verdict is a winner. A null that was written is none.
        selected_candidate is not null
        or coalesce(case
            when row_defect is null and verdict is not null
                then not json_exists({{ object_text("(raw_row ->> '$.result')") }}, '$.selected_candidate')
        end, verdict is not null) as has_winner
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
