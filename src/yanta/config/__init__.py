"""The only place that knows every storey: settings, root urls, installed systems, command line."""
