"""The warehouse on DuckLake: the same SQL, its tables as Parquet files on a folder or a bucket, beyond one disk."""
