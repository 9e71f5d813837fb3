"""How does long work go on beside what a person does, and how is it seen and stopped?"""

from workbench.widgets.jobs.job import Job
from workbench.widgets.jobs.steps import Step

__all__ = ["Job", "Step"]
