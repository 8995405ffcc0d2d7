"""The inbox, one matter, who stands in for whom, and the workbench of drawings."""
