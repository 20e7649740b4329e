"""The commands of all rooms, each loaded when it is called: what one needs would cost every other its time at start."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class Room:
    """Where a command comes from: a module whose ``app`` holds it, or is it; and what `--help` says of it."""

    module: str
    says: str
    is_app: bool = False  # the app itself is the command, with commands below it


class Rooms(TyperGroup):
    """The root: its commands stand in a table, by what a person is about to do, and help loads none of them."""

    sections: Mapping[str, Mapping[str, Room]] = {}

    def __init__(self, **arguments: Any) -> None:
        """Take over what was declared at the root itself."""
        super().__init__(**arguments)
        self.commands: MutableMapping[str, Any] = _Loaded(
            {name: room for rooms in self.sections.values() for name, room in rooms.items()}, dict(self.commands)
        )

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command; of a group build the one that is named next."""
        if args and len(args) > 1 and args[0] in self.commands and isinstance(self.commands, _Loaded):
            return args[0], self.commands.load(args[0], args[1]), args[1:]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the table, section by section."""
        width = max(len(name) for name in self.commands)
        for title, rooms in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<{width}}", room.says) for name, room in rooms.items()])


class _Loaded(MutableMapping[str, TyperCommand | TyperGroup]):
    """Commands by name; a room's is loaded when it is asked for."""

    def __init__(self, rooms: dict[str, Room], own: dict[str, Any]) -> None:
        self._rooms = rooms
        self._own = {name: plainly(command) for name, command in own.items()}

    def __getitem__(self, name: str) -> Any:
        if name not in self._own:
            self._own[name] = self.load(name)
        return self._own[name]

    def load(self, name: str, below: str | None = None) -> Any:
        """Load a command, and below it only the one of a name, if there is one of that name."""
        if name in self._own:  # declared at the root, or loaded whole before
            return self._own[name]
        room = self._rooms[name]
        loaded = import_module(room.module).app
        if room.is_app:
            found: Any = typer.main.get_group(_only(loaded, below) if below else loaded)
        else:
            found = typer.main.get_command(_only(loaded, name))
            found = found.commands[name] if isinstance(found, TyperGroup) and not found.callback else found
        found.name = name
        return plainly(found)

    def __setitem__(self, name: str, command: Any) -> None:
        self._own[name] = command

    def __delitem__(self, name: str) -> None:
        del self._own[name]

    def __contains__(self, name: object) -> bool:
        return name in self._rooms

    def __iter__(self) -> Iterator[str]:
        yield from self._rooms

    def __len__(self) -> int:
        return len(self._rooms)


def _only(app: typer.Typer, name: str) -> typer.Typer:
    """Return an app with one of its commands, or as it is if it has none of that name: each takes its time to build."""
    named = [one for one in app.registered_commands if _name(one) == name]
    if not named or app.registered_callback:
        return app
    only = copy.copy(app)
    only.registered_commands, only.registered_groups = named, []
    return only


def _name(command: Any) -> str:
    return command.name or str(command.callback.__name__).rstrip("_").replace("_", "-")


def plainly(command: Any) -> Any:
    """Return a command whose help is plain text: it is there at once, whole, and read in any terminal by any reader."""
    command.rich_markup_mode = None
    command.short_help = command.get_short_help_str(1000)
    for inner in getattr(command, "commands", {}).values():
        plainly(inner)
    return command
