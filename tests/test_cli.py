"""The command line: commands are found, loaded only when called, and do not break each other."""

import argparse
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bidder import cli
from bidder.cli import COMMANDS, Command, main


def called(monkeypatch: pytest.MonkeyPatch, name: str, module: object) -> None:
    """Put a module in the place of a command's own."""
    command = next(each for each in COMMANDS if each.name == name)
    monkeypatch.setitem(sys.modules, command.module, module)  # type: ignore[arg-type]


def test_a_command_gets_its_own_arguments_and_its_exit_code_is_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[argparse.Namespace] = []

    def run(options: argparse.Namespace) -> int:
        seen.append(options)
        return 7

    module = SimpleNamespace(add_arguments=lambda parser: parser.add_argument("--rate", type=int), run=run)
    called(monkeypatch, "feed", module)
    assert main(["feed", "--rate", "5"]) == 7
    assert seen[0].rate == 5


def test_help_lists_every_command_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for command in COMMANDS:
        assert f"{command.name} {command.help}" in text


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["--no-such-option"]])
def test_wrong_usage_is_told_and_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: bidder" in capsys.readouterr().err


def test_a_part_that_is_not_installed_is_told_and_breaks_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "COMMANDS", (*COMMANDS, Command("fly", "bidder.lab.no_such_part", "fly")))
    assert main(["fly"]) == 2
    assert capsys.readouterr().err == "bidder fly: not part of this installation\n"


def test_a_library_that_a_command_lacks_is_not_mistaken_for_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "needy.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(cli, "COMMANDS", (Command("needy", "needy", "need"),))
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        main(["needy"])


def test_the_command_line_itself_loads_no_command_and_no_heavy_library() -> None:
    modules = ", ".join(repr(each.module) for each in COMMANDS)
    code = (
        f"import sys, bidder.cli; sys.exit(sum(m in sys.modules for m in ({modules}, 'aiohttp', 'numpy', 'msgspec')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0


@pytest.mark.parametrize("command", ["serve", "check", "init", "explain", "feed"])
def test_every_command_explains_its_arguments(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: bidder {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--workers", "0", "expected a number from 1 to 256, found '0'"),
        ("--workers", "many", "expected a number from 1 to 256, found 'many'"),
        ("--bid-port", "65536", "expected a port from 0 (any free one) to 65535, found '65536'"),
        ("--web-port", "-1", "expected a port from 0 (any free one) to 65535, found '-1'"),
    ],
)
def test_numbers_that_cannot_be_are_told(
    option: str, value: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--config", "x", f"{option}={value}"])
    assert message in capsys.readouterr().err
