{# Why a rule is advised as it is, in words. #}
{% macro advice_reason() -%}
    case
        when is_protected then 'It is protected: it stays, whatever is measured.'
        when verdict = uplift_verdict and verdict != 'undecided' then format('Both methods say that it {}.', verdict)
        when list_sort([verdict, uplift_verdict]) = ['helped', 'hurt'] then format(
            'The methods contradict each other: all tickets say that it {}, before and after that it {}.',
            verdict, uplift_verdict
        )
        when verdict in ('helped', 'hurt')
            then format('All tickets together say that it {}; before and after alone leaves it open.', verdict)
        when uplift_verdict in ('helped', 'hurt') then format(
            'Before and after says that it {}; {}.', uplift_verdict,
            case when verdict = 'undecided' then 'all tickets together leave it open' else {{ cannot_tell_why() }} end
        )
        when verdict = 'undecided' then 'No effect can be told from chance by either method.'
        else format('Nothing can be told: {}.', {{ cannot_tell_why() }})
    end
{%- endmacro %}
