"""The sample-size gate and the statistics of experiments: pure functions over sums per arm."""
