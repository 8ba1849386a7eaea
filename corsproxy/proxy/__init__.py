"""The gateway: aiohttp is known here and in `watch`, nowhere else."""
