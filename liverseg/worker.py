"""What a case that runs on a worker of a Dask cluster may ask of it."""

import os
import socket

from dask import config
from distributed import get_worker


def name_worker() -> str:
    """Its machine, and its address where it is a process of its own."""
    address: str = get_worker().address
    return socket.gethostname() if address.startswith("inproc:") else address


def is_wanted() -> bool:
    """Whether anybody still waits for what this worker is doing: not once its client is gone."""
    worker = get_worker()
    task = worker.state.tasks.get(worker.get_current_task())
    return task is not None and task.state != "cancelled"


def build_environment() -> dict[str, str]:
    """The environment of its process but for what Dask set in it, such as one thread for BLAS."""
    own = config.get("distributed.nanny.pre-spawn-environ") if get_worker().nanny else {}
    return {name: text for name, text in os.environ.items() if str(own.get(name)) != text}
