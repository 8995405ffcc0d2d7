"""`yanta manage load_codes`: bring the stored code tables up to the packaged ones."""

from typing import Any

from django.core.management.base import BaseCommand

from yanta.kernel.codes.loading import load_codes


class Command(BaseCommand):
    help = "Load the packaged code sets, aliases and data elements; repeatable."

    def handle(self, *args: Any, **options: Any) -> None:
        for receipt in load_codes():
            self.stdout.write(str(receipt))
