"""What is done with rides, runs and the fleet."""

from yanta.systems.vehicles.services.asking import ask, endorse, refuse, resume, send_back, withdraw
from yanta.systems.vehicles.services.driving import call_off, come_back, fill_up, set_out
from yanta.systems.vehicles.services.planning import join, plan

__all__ = [
    "ask", "call_off", "come_back", "endorse", "fill_up", "join", "plan", "refuse", "resume", "send_back", "set_out", "withdraw",
]  # fmt: skip
