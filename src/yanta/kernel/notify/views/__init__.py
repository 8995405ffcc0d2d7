"""Pages of messages: reading, wishes, notices, what the engineers look at."""
