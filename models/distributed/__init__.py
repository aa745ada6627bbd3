"""Training on a Dask cluster: rows stay on the workers, and only counts, scores and samples of them travel.

partitions ─▶ lesson ─▶ learn          the same steps as `models.learn`, on rows in many places
"""
