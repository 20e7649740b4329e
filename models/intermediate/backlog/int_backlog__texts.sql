-- The texts of tonight's proposals, filled from the templates. Noise gets none: nobody will read it, and the log keeps
-- every night's.

{{ config(schema='scratch') }}

with

-- A row that names the variant comes before the rows for all.
variants as (
    select
        proposals.proposal_number,
        templates.part,
        templates.text_position,
        {{ filled_text('templates.template', 'proposals.facts') }} as filled,
        rank() over (
            partition by proposals.proposal_number, templates.part
            order by templates.variant = '*'
        ) as variant_rank
    from {{ ref('int_backlog__proposals') }} as proposals
    inner join {{ ref('backlog_texts') }} as templates
        on
            proposals.source_type = templates.source_type
            and templates.variant in (proposals.text_variant, '*')
    where proposals.early_verdict is null
),

final as (
    select
        proposal_number,
        max(filled) filter (where part = 'title') as title,
        max(filled) filter (where part = 'root_cause_hypothesis') as root_cause_hypothesis,
        max(filled) filter (where part = 'description') as description,
        max(filled) filter (where part = 'design') as design,
        {{ texts_of('acceptance_criterion') }} as acceptance_criteria,
        {{ texts_of('invariant_update') }} as invariant_updates,
        {{ texts_of('policy_update') }} as policy_updates,
        {{ texts_of('regression_test') }} as regression_tests
    from variants
    where variant_rank = 1
    group by proposal_number
)

select * from final
