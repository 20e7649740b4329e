{# What a column is called in the rows that are sent: a defect names the sender's field. #}
{% macro sent_name(column) -%}
    {%- set names = {
        'ingest_candidates': {
            'candidate_id': 'id', 'strategy': 'meta_json.strategy', 'selector': 'meta_json.selector',
            'parser_rule_version': 'meta_json.rule_version', 'parser_confidence': 'meta_json.parser_confidence'
        },
        'ingest_editor_labels': {'label_id': 'id'},
        'ingest_runs': {'extraction_run_id': 'id'},
        'ingest_experiments': {'experiment_id': 'id', 'experiment_name': 'name'},
        'ingest_tuning_changes': {'tuning_change_id': 'id'},
        'score_overrides': {'override_reason': 'reason'},
        'source_overrides': {'override_reason': 'reason', 'paused_until': 'until'},
        'erasures': {'erasure_reason': 'reason'}
    } -%}
    {{ return(names.get(config.get('feed'), {}).get(column, column)) }}
{%- endmacro %}
