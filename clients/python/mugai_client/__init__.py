"""A client of mugai that holds a file unless the whole answer is there and right."""

from .check import Answer, File, Held, Verdict
from .client import Client, Job

__all__ = ["Answer", "Client", "File", "Held", "Job", "Verdict"]
