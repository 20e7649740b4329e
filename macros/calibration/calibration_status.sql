{# What a stream's period is by the bars: healthy, monitor or degraded. Too few claims, or none of high confidence, say too
   little for either end. #}
{% macro calibration_status(scores, policy) -%}
    case
        when
            {{ scores }}.sample_count < {{ policy }}.min_samples_for_status
            or {{ scores }}.precision_high_conf is null
            then 'monitor'
        when
            {{ rounded(scores ~ '.brier_score') }} >= {{ policy }}.brier_degraded_max
            or {{ rounded(scores ~ '.precision_high_conf') }} < {{ policy }}.precision_degraded_min
            then 'degraded'
        when
            {{ rounded(scores ~ '.brier_score') }} >= {{ policy }}.brier_monitor_max
            or {{ rounded(scores ~ '.precision_high_conf') }} < {{ policy }}.precision_monitor_min
            then 'monitor'
        else 'healthy'
    end
{%- endmacro %}
