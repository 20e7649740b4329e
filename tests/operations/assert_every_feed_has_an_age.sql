-- A returned feed is read every night and nobody would see it stop: int_operations__newest_rows lacks its line.

select feeds.feed
from {{ source('tonight', 'feed_declarations') }} as feeds
anti join {{ ref('feed_freshness') }} as freshness on feeds.feed = freshness.feed
