"""What counts where, what a plan must keep, what changed between two. Pure."""
