"""Pages of seals that no declaration can express."""
