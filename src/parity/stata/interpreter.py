"""Runs a do-file: statements in their order, loops and branches, prefixes, programs; what can't be run is a finding.

Nothing is ever silent: each statement ends in `session.done` as run, as a finding, or as lost because its data are.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from parity.stata import dta, parallel
from parity.stata.around import ran_around
from parity.stata.blocks import Block, Branch, Foreign, Loop, Node, Program, blocks_until
from parity.stata.bounds import Memory, TooLarge
from parity.stata.braced import block
from parity.stata.commands import HARMLESS, NEVER, R_CLASS, known, slip_of
from parity.stata.consequences import check_harmless, follows, replaces_data
from parity.stata.ending import done, fault, lost, problem, undefined
from parity.stata.extended import extended
from parity.stata.files import Absent, Outside
from parity.stata.inheritance import decided, inherited, reading
from parity.stata.leaving import leaving
from parity.stata.lists import split_words
from parity.stata.loops import loop
from parity.stata.macros import MacroError, Unknown
from parity.stata.mishaps import NotRun, OptionNotRead, kind_of, said
from parity.stata.nearing import PATIENCE, SHARE
from parity.stata.opening import SHIPPED, shipped
from parity.stata.prefixes import by_groups, check_prefixes, quietness
from parity.stata.results import Results
from parity.stata.rounds import Hopeless, Rounds
from parity.stata.session import Lost, Session
from parity.stata.source import Statement, statements
from parity.stata.steering import MOST_DEPTH, MOST_SECONDS, Break, Caught, Next, Stop, TooMuch, check_spent
from parity.stata_language.command import Command, SyntaxProblem, read
from parity.stata_language.data_options import NotRead, in_full
from parity.stata_language.dataset import DataProblem
from parity.stata_language.other_models import OFFICIAL, OTHER_MODELS


@dataclass
class Interpreter:
    """Runs text in a session. seconds: of the whole run; typed: the statement at hand, before its macros are expanded"""

    session: Session
    seconds: float = MOST_SECONDS
    executed: int = 0
    depth: int = 0
    catching: bool = False
    started: float = field(default_factory=time.thread_time)
    rounds: Rounds = field(default_factory=Rounds)
    memory: Memory = field(default_factory=Memory)
    typed: str = ""

    def __post_init__(self) -> None:
        self.session.interpreter = self
        self.rounds.patience = max(PATIENCE, SHARE * self.seconds)
        self.session.macros.extended = lambda text: extended(self.session, text)

    def run_text(self, text: str, file: str) -> None:
        """A whole do-file. What ends it early is a finding."""
        session, before = self.session, self.session.file
        session.file = file
        nodes, wrong = blocks_until(statements(text))
        try:
            self.run(nodes)
            if wrong is not None:
                session.line = wrong.line
                session.note("unbalanced-braces", f"{wrong}; nothing behind it is run", taints=True)
        except Stop:
            pass
        except TooMuch as error:
            if not error.said:
                session.note("too-much", f"the run was ended: {error}", taints=True)
            error.said = True
            if self.depth and not isinstance(error, Hopeless):  # else each file above would begin again
                raise
        except (Next, Break):
            session.note("stray-continue", "continue outside a loop")
        finally:
            session.file = before

    def run(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            try:
                self._node(node)
            except (Stop, TooMuch, Next, Break, Caught):
                raise
            except Exception as error:
                head = node.arms[0][0] if isinstance(node, Branch) else node if isinstance(node, Statement) else node.head
                fault(self.session, head, head.text, error)

    def _node(self, node: Node) -> None:
        match node:
            case Statement():
                self.statement(node)
            case Loop():
                loop(self, node)
            case Branch():
                self.branch(node)
            case Block():
                block(self, node)
            case Program():
                self.session.programs[node.name] = replace(node, file=self.session.file)
                done(self.session, node.head, "program", "run")
            case Foreign():
                self._foreign(node)

    def statement(self, statement: Statement) -> None:
        session = self.session
        session.line = statement.line
        self.executed += 1
        check_spent(self.executed, self.started, self.seconds, self.memory)
        with reading(session):
            self.text(statement.text, statement)

    def text(self, text: str, statement: Statement) -> None:
        """Expand, read, and run one command; prefixes included."""
        session, typed = self.session, text
        self.typed = text
        session.macros.empty.clear()
        try:
            text = session.macros.expand(text)
            undefined(session)
            if not text.strip() or text.strip().startswith("*"):
                return
            many = parallel.commands(text, session)
            if many is not None:
                for each in many:
                    self.command(read(each), statement)
                return
            command = read(text)
        except (Unknown, Lost):
            lost(session, statement, typed)
            return
        except (MacroError, DataProblem, SyntaxProblem) as error:
            problem(session, statement, typed, "syntax", str(error))
            return
        self.command(command, statement)

    def command(self, command: Command, statement: Statement) -> None:
        """One command whose macros are expanded."""
        session = self.session
        captured = command.prefix("capture") is not None
        if captured:
            session.rc = 0
        quiet, session.quiet = session.quiet, quietness(session.quiet, command)
        catching, self.catching = self.catching, self.catching or captured  # also in programs and files that it calls
        session.text = command.text
        try:
            with inherited(session, command):
                self._prefixed(command, statement)
            done(session, statement, command.name, "run", command.text)
        except (Lost, Unknown):
            session.forget(command)
            if replaces_data(command):
                session.data = None
            done(session, statement, command.name, "lost", command.text)
        except (DataProblem, Absent, Outside) as error:
            session.rc = getattr(error, "code", 601)
            if self.catching and not isinstance(error, NotRun | TooLarge):  # its author expected that it may fail
                done(session, statement, command.name, "run", command.text)
                if not captured:
                    raise Caught from None
                return
            session.forget(command)
            if follows(error, session.data, session.done):
                done(session, statement, command.name, "lost", command.text)
                return
            problem(session, statement, command.text, kind_of(error), said(error, session.macros.empty), command)
        except Caught:
            if not captured:
                raise
            done(session, statement, command.name, "run", command.text)
        except (Stop, TooMuch, Next, Break):
            raise
        except (RecursionError, MemoryError) as error:
            what = "it is too deeply nested" if isinstance(error, RecursionError) else "it takes more memory than there is"
            problem(session, statement, command.text, "too-much", what, command)
        except Exception as error:
            fault(session, statement, command.text, error, command)
        finally:
            session.quiet, self.catching = quiet, catching

    def _prefixed(self, command: Command, statement: Statement) -> None:
        session = self.session
        check_prefixes(command)
        if ran_around(session, command, lambda inner: self._prefixed(inner, statement)):
            return
        by = command.prefix("by", "bysort")
        if (estadd := known("estadd:")) is not None and command.prefix("estadd") is not None:
            estadd.run(session, command)  # behind its colon stand names of estimates, whatever commands are called
            return
        handler = known(command.name)
        of_ado_files = command.name in OTHER_MODELS or command.name in OFFICIAL  # these yield to programs in memory
        own = of_ado_files and command.name in session.programs
        if handler is None or own:
            self._unknown(command, statement)
            return
        if command.prefix("xi") is not None:
            from parity.stata.commands.indicators import with_columns

            command = with_columns(session, command)
        try:
            command = in_full(command)
        except NotRead as error:  # an author who catches errors doesn't expect this one
            raise OptionNotRead(str(error)) from None
        at = command.prefixes.index(by) if by is not None else 0
        wraps = [(i, wrap) for i, p in enumerate(command.prefixes) if (wrap := known(f"{p.name}:")) is not None]
        by_groups(session, by, handler, command, [wrap for i, wrap in wraps if by is not None and i > at])
        for i, wrap in wraps:
            if by is None or i < at:
                wrap.run(session, command)

    def _unknown(self, command: Command, statement: Statement) -> None:
        session, name = self.session, command.name
        if command.prefix("by", "bysort") is not None and (name in session.programs or self._defined(name)):
            raise NotRun(f"`by` of the program `{name}` is not known here")  # its groups are marksample's alone
        if name in session.programs:
            self.call(session.programs[name], command)
            return
        if name in HARMLESS:
            check_harmless(command)
            if name in R_CLASS:  # what it leaves in r() isn't known here; what was there is gone
                session.r = Results(texts={"parity_unknown": name})
            return
        if self._defined(name):
            self.call(session.programs[name], command)
            return
        if name in SHIPPED and (path := shipped(session, command)) is not None:
            session.data = dta.read(path)
            return
        if name in NEVER:
            session.note("never-run", f"`{command.typed}` is never run here: {NEVER[name]}", command=command.text)
            raise NotRun(f"`{command.typed}` is never run here: {NEVER[name]}")
        raise NotRun(f"the command `{command.typed}` is not known here{slip_of(name)}")

    def _defined(self, name: str) -> bool:
        """Whether the package holds a program of this name, read now; its other programs are known with it."""
        from parity.stata.files import decoded

        session = self.session
        path = session.files.program(name)
        if path is None:
            return False
        quiet, line = session.quiet, session.line
        try:
            self.run_text(decoded(path.read_bytes()), str(path.relative_to(session.files.folder)))
        finally:
            session.quiet, session.line = quiet, line
        return name in session.programs

    # ---------------------------------------------------------------- control

    def branch(self, node: Branch) -> None:
        session = self.session
        for statement, condition, body in node.arms:
            session.line = statement.line
            if not condition:
                self.run(body)
                return
            try:
                held = decided(session, condition)
                undefined(session)
            except (Lost, Unknown):
                session.macros.undefined.clear()
                why = f"`if {condition[:60]}` can't be known: none of it is run"
                session.doubt_data(session.note("unknown-branch", why, taints=True))
                done(session, statement, "if", "lost", f"if {condition}")
                return
            except (DataProblem, MacroError) as error:
                why = f"its condition can't be evaluated: {said(error)}"
                problem(session, statement, f"if {condition}", "syntax", why)
                return
            if not isinstance(held, str) and held != 0:
                self.run(body)
                return

    def call(self, program: Program, command: Command) -> None:
        """A program of the do-file: its own locals, arguments as `0', `1', `2' ..."""
        session = self.session
        if self.depth >= MOST_DEPTH:
            raise TooMuch(f"programs call each other more than {MOST_DEPTH} deep")
        given = command.text.partition(command.typed)[2].strip()
        words = split_words(given.split(",")[0] if "," in given else given)
        session.macros.scopes.append({"0": given, **{str(i): w for i, w in enumerate(words, 1)}})
        self.depth += 1
        before, kept = (session.file, session.line), len(session.preserved)
        session.file = program.file  # perhaps an ado-file's, or another do-file's
        with leaving(session, program.rclass):
            try:
                self.run(program.body)
            except Stop:
                pass
            finally:
                self.depth -= 1
                session.macros.scopes.pop()
                session.file, session.line = before
                self.restored(kept)

    def restored(self, kept: int) -> None:
        """What a program or do-file preserved and did not restore comes back at its end. [P] preserve"""
        if len(self.session.preserved) > kept:
            self.session.data = self.session.preserved[kept]
            del self.session.preserved[kept:]

    def do(self, text: str, file: str, arguments: Sequence[str], *, include: bool = False) -> None:
        """`do`, `run`, `include`: another do-file, with locals of its own but for `include`."""
        if self.depth >= MOST_DEPTH:
            raise TooMuch(f"do-files call each other more than {MOST_DEPTH} deep")
        self.depth += 1
        if not include:
            self.session.macros.scopes.append({str(i): w for i, w in enumerate(arguments, 1)} | {"0": " ".join(arguments)})
        kept = len(self.session.preserved)
        try:
            self.run_text(text, file)
        finally:
            self.depth -= 1
            if not include:
                self.session.macros.scopes.pop()
                self.restored(kept)

    def _foreign(self, node: Foreign) -> None:
        session = self.session
        session.line = node.head.line
        if node.language == "input":
            from parity.stata.commands.files import typed_in

            try:
                typed_in(session, node.head.text, [line.text for line in node.lines])
                done(session, node.head, "input", "run")
            except (DataProblem, Lost) as error:
                problem(session, node.head, node.head.text, "syntax", said(error))
            return
        why = f"{node.language} is not run here: what it makes is not known"
        session.doubt_data(session.note("never-run", why, taints=True))
        done(session, node.head, node.language, "finding")
