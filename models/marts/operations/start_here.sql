-- What lies in this file for whoever opens it first: the main tables, what a row of each is, and a query to begin with.

with

final as (
    select pages.*
    from (
        values
        (
            1, 'attention_items', 'a thing that wants a person today', 'What should I look at now?',
            'from attention_items order by all'
        ),
        (
            2, 'learning_issue_clusters', 'a period and a signature of failures',
            'What fails most, how often, for how many people?',
            'from learning_issue_clusters where period_granularity = ''week'' order by period_key desc, score desc'
        ),
        (
            3, 'learning_backlog_candidates', 'a problem that a night proposed',
            'What was decided, what is open, and why?',
            'select short_key, status, priority, title from learning_backlog_candidates order by priority_score desc'
        ),
        (
            4, 'fix_effects', 'a promoted fix', 'Did the fix work?',
            'select candidate_key, in_words from fix_effects order by promoted_at desc'
        ),
        (
            5, 'extraction_calibration_metrics', 'a period, a class of claims and a parser version',
            'Are stated confidences as true as they say?',
            'from extraction_calibration_metrics where period_granularity = ''week'' order by brier_score desc'
        ),
        (
            6, 'source_overview', 'a source of candidates', 'Which sources do editors promote?',
            'select source_key, promoted_count, reviewed_count, promotion_rate from source_overview'
            || ' order by promotion_rank nulls last'
        ),
        (
            7, 'rejections_by_reason', 'a source, a reason and a window', 'Why are candidates rejected?',
            'from rejections_by_reason order by all'
        ),
        (
            8, 'experiment_gates', 'an experiment', 'Which experiments can be decided?',
            'select experiment_id, verdict, lift from experiment_gates order by all'
        ),
        (
            9, 'stage_b_rule_effects', 'a run, a mission and a rule', 'Which rules should stay?',
            'select run_id, mission, rule_key, advice, reason from stage_b_rule_effects order by all'
        ),
        (
            10, 'quarantined_rows', 'a row that was not taken', 'What is missing, and why?',
            'select feed, reason_code, count(*) as row_count from quarantined_rows group by all order by row_count desc'
        ),
        (
            11, 'landing_files', 'a file of the landing folder', 'What was read, and when?',
            'from landing_files order by read_at desc'
        ),
        (
            12, 'nightly_runs', 'a night', 'When did it last run, and did it fail?',
            'from nightly_runs order by as_of desc'
        )
    ) as pages (position, relation_name, a_row_is, answers, example_query)
)

select * from final
