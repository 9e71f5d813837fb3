"""What can a user choose, and what does the workbench know of itself?"""

from workbench.widgets.settings_panel.panel import SettingsPanel

__all__ = ["SettingsPanel"]
