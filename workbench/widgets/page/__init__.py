"""What do all windows share on the page: how elements are made, what they look like, how scripts get there?"""

from workbench.widgets.page.scripts import script, style

__all__ = ["script", "style"]
