"""`--help` in the language of the command: click's layout, its sentences by the catalogue."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Sequence

import click
import wcwidth

from parity.study.words_of_tables import Language

#: Columns that the names of options take at most, in front of what they do.
NAMES = 30


def asked_in(args: Sequence[str], otherwise: Language) -> Language:
    """The language among the words of a command, which stand in any order."""
    for i, word in enumerate(args):
        said = word.removeprefix("--language=") if word.startswith("--language=") else ""
        said = args[i + 1] if word == "--language" and i + 1 < len(args) else said
        if said in ("en", "zh"):
            return said  # type: ignore[return-value]
    return otherwise


def in_chinese(command: click.Command) -> click.Command:
    """The same command, whose help is Chinese."""
    from parity.report.chinese import told_in

    told = told_in("zh")
    one = copy.copy(command)
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    one.help = "\n\n".join(told(" ".join(p.split())) for p in paragraphs)
    one.short_help = told(" ".join(paragraphs[0].split()))
    one.params = [_option(p) if isinstance(p, click.Option) else p for p in command.params]
    one.context_class = _Context
    # of a command of its own: click keeps the option as it was first asked for, in whatever context
    one.get_help_option = lambda ctx: _option(click.Command(command.name).get_help_option(ctx))  # type: ignore[method-assign]
    return one


def _option(option: click.Option | None) -> click.Option | None:
    from parity.report.chinese import told_in

    if option is None or not option.help:
        return option
    one = copy.copy(option)
    one.help = told_in("zh")(option.help)
    return one


class _Formatter(click.HelpFormatter):
    """Chinese breaks between any two characters, each as wide as two letters."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        self.write(f"用法：{prog} {args.replace('[OPTIONS]', '[选项]').replace('COMMAND [ARGS]...', '命令 [参数]...')}\n")

    def write_heading(self, heading: str) -> None:
        from parity.report.chinese import told_in

        self.write(f"{' ' * self.current_indent}{told_in('zh')(heading)}：\n")

    def write_text(self, text: str) -> None:
        blank = " " * self.current_indent
        for i, paragraph in enumerate(text.split("\n\n")):
            self.write("\n" if i else "")
            for line in self._wrapped(" ".join(paragraph.split()), self.width - len(blank)):
                self.write(f"{blank}{line}\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = NAMES, col_spacing: int = 2) -> None:
        blank = " " * self.current_indent
        wide = min(max((len(name) for name, _ in rows), default=0), col_max) + col_spacing
        for name, text in rows:
            text = text.replace("[default: ", "[默认：")  # click's own word
            lines = self._wrapped(text, max(self.width - len(blank) - wide, 20)) or [""]
            if len(name) > wide - col_spacing:
                self.write(f"{blank}{name}\n")
                lines = ["", *lines]
            else:
                self.write(f"{blank}{name.ljust(wide)}{lines[0]}".rstrip() + "\n")
            for line in lines[1:]:
                self.write(f"{blank}{' ' * wide}{line}\n")

    @staticmethod
    def _wrapped(text: str, width: int) -> list[str]:
        return wcwidth.wrap(text, width, break_on_hyphens=False)


class _Context(click.Context):
    formatter_class = _Formatter
