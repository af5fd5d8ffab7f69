"""The push to a portal, against one that answers as the controllers of governmentbg/data-gov-bg do."""
