"""Which of my tracks do I want?"""

from workbench.widgets.browser.browser import CollectionBrowser

__all__ = ["CollectionBrowser"]
