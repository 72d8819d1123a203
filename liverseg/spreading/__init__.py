"""DVC's queued experiments, each on a worker of a Dask cluster."""
