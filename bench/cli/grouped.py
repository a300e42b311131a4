"""A command whose `--help` shows its options in groups."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

from bench.core.grouping import grouped

OTHERS = "Other options"


class Grouped(TyperCommand):
    """The groups are the options' panels, in the order in which they first come."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        records = (
            (getattr(parameter, "rich_help_panel", None) or OTHERS, parameter.get_help_record(ctx))
            for parameter in self.get_params(ctx)
        )
        groups = grouped((group, record) for group, record in records if record)
        for group, lines in groups.items():
            with formatter.section(group):
                formatter.write_dl(lines)
