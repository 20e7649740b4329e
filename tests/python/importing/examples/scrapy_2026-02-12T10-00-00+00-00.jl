{"url": "https://www.example.org/1", "title": "Build a boat", "description": "Of reeds", "spider": "reeds", "strategy": "css", "selector": "h2 a", "confidence": 0.7, "rule_version": "r3", "quality_flags": ["thin"]}
{"url": "https://www.example.org/2", "title": "Paint a door"}
{"url": "https://www.example.org/2", "title": "Paint a door"}
{"spider": "reeds", "start_time": "2026-02-12 10:00:00.123456", "finish_time": "2026-02-12 10:05:00.123456", "finish_reason": "finished", "item_scraped_count": 3, "log_count/ERROR": 1, "downloader/response_count": 4}
