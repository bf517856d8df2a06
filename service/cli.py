"""The `tocsin` command. Each subcommand is a few lines that call other modules. Exit status: 0 success, 1 problems, 2 wrong usage."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from schemas.scalars import MOMENT, is_moment
from service.access.new_token import line_of, new_token
from service.access.roles import ROLES, CallerRole
from service.access.token_list import NAME, NAME_FORM
from service.authoring.check import before_release, check_pack
from service.authoring.new_calendar import PLACES, calendar_file
from service.authoring.pack_name import check_name
from service.authoring.render import FORMATS, Format, render
from service.authoring.selections import check_selections, in_words, run_selections
from service.authoring.snapshots import ComparedAnswers, compare, keep
from service.bulk.command import AssessCommand, assess_in_blocks, with_bulk_options
from service.bulk.options import BulkOptions
from service.clock import random_number, utc_now
from service.config import Config, ConfigError, read_addresses, read_config
from service.engine.errors import MatcherError
from service.engine.judging.cross_check import ENGINES, EngineName
from service.health import UnhealthyError, ask
from service.language.collector import Collector
from service.language.declared.calendars.read import read_years
from service.language.model import Pack
from service.language.problem import Problem, has_errors
from service.logs import configure_logs
from service.reporting.profiles import MOST_BYTES, PROFILES, Profile
from service.serving.deployment import NoPackError, load_packs
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack
from service.standard_output import written_out

GUNICORN_SETTINGS = "gunicorn.conf.py"
APPLICATION = "service:create_app()"

MOST_YEARS = 20

Command = TypeVar("Command", bound=Callable[..., Any])


def with_format(command: Command) -> Command:
    return click.option(
        "--format",
        "style",
        type=click.Choice(FORMATS),
        default="text",
        help="How problems are shown: text for people, json for tools, github for annotations.",
    )(command)


def with_engine(command: Command) -> Command:
    return click.option(
        "--engine",
        type=click.Choice(ENGINES),
        help="both: two matchers, which must agree. reference: one matcher. Default: TOCSIN_ENGINE.",
    )(command)


def with_parts(command: Command) -> Command:
    return click.option(
        "--parts",
        type=click.Choice(["all-pairs"]),
        help="Also try the pack without any part, with each part alone, with each pair, and with all.",
    )(command)


pack_folder = click.argument(
    "pack", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="PACK"
)


class WrittenGroup(click.Group):
    """The command. Also its help and version are written as a whole, or their failure is one line."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        with written_out():
            return super().main(*arguments, **options)


@click.group(cls=WrittenGroup)
@click.version_option(package_name="tocsin")
def main() -> None:
    """Tocsin grades a reputation crisis by rules in files, and lists the required actions.

    Exit status: 0 success, 1 problems found, 2 wrong usage.
    """


@main.command()
@click.option("--bind", help="Address and port. Default: TOCSIN_BIND, else 127.0.0.1:8000.")
def serve(bind: str | None) -> NoReturn:
    """Serve HTTP with gunicorn. Settings come from the environment: see docs/operators.md."""
    if bind:
        os.environ["TOCSIN_BIND"] = bind
    beside_the_code = Path(__file__).parent.parent / GUNICORN_SETTINGS
    settings = beside_the_code if beside_the_code.exists() else Path(GUNICORN_SETTINGS)
    if not settings.exists():
        raise click.UsageError(f"run this in Tocsin's folder: there is no {GUNICORN_SETTINGS} here")
    # Started by its script, gunicorn can start a new master (SIGUSR2). Started by -m it cannot.
    script = Path(sys.executable).with_name("gunicorn")
    gunicorn = [str(script)] if script.exists() else ["-m", "gunicorn"]
    arguments = [sys.executable, *gunicorn, "-c", str(settings), APPLICATION]
    os.execv(sys.executable, arguments)  # noqa: S606 - no shell is wanted


@main.command(cls=AssessCommand)
@click.argument("files", nargs=-1, required=True, metavar="FILE|-…")
@click.option(
    "--pack",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the pack. Default: the packs that a server started here would serve.",
)
@click.option(
    "--report", is_flag=True, help="Write the report of the one incident in FILE, in Markdown."
)
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="Write this form of the report: full, brief for its first page alone, or chat for a plain text of at most "
    f"{MOST_BYTES} bytes. Default with --report: full.",
)
@click.option(
    "--lenient",
    is_flag=True,
    help="A wrong fact counts as null and is listed in the answer under ignored. Default: it is an error.",
)
@click.option(
    "--drafts",
    is_flag=True,
    help="Add words ready to send, as the key drafts of the body does. A report always has them.",
)
@click.option(
    "--fields",
    metavar="NAMES",
    help="Write only these keys of the answers, such as grade,actions.code, as the key fields of the body does.",
)
@with_bulk_options
@with_engine
@with_format
def assess(
    files: tuple[str, ...],
    pack: Path | None,
    report: bool,
    profile: Profile | None,
    engine: EngineName | None,
    style: Format,
    **given: Any,
) -> None:
    """Assess incidents: read one JSON body per line, write one assessment per line, in the same order.

    A file whose name ends in .json is one incident; one that ends in .gz or .zst is decompressed; a pattern such as
    '2025/*.ndjson' means all files that match. A wrong line gets a problem in its place, with its line number. The other lines are not
    affected. Status 1 means that there were problems.

    Files are assessed in blocks, by all cores. Of standard input each line is answered at once, unless one of --jobs, --to, --out,
    --resume and --summary is given.
    """
    options = BulkOptions(files=files, engine=_settings(engine).engine, **given)
    if options.fields and (report or profile):
        raise click.UsageError("--fields is for answers in JSON: leave out --report and --profile")
    if (report or profile) and not options.is_one_file_alone():
        raise click.UsageError(
            "a report is of one incident in one file: leave out the other options"
        )
    if options.as_of is not None and not is_moment(options.as_of):
        raise click.BadParameter(f"it must be {MOMENT}", param_hint="--as-of")
    packs = _packs(pack, engine, style)
    if report or profile:
        _assess_one_by_one(options, packs, profile or "full")
    elif options.is_one_by_one():
        _assess_one_by_one(options, packs, None)
    assess_in_blocks(options, packs, utc_now)


def _assess_one_by_one(options: BulkOptions, packs: Packs, profile: Profile | None) -> NoReturn:
    """Answers each line before it reads the next one. With a profile it writes a report."""
    from service.assess_lines import assess_file, report_file  # rich is slow to import

    try:
        file = click.open_file(options.files[0], "rb")
    except OSError as error:
        message = f"'{options.files[0]}': {error.strerror}"
        raise click.BadParameter(message, param_hint="FILE|-") from None
    if profile:
        sys.exit(0 if report_file(file, packs, options.lenient, options.more, profile) else 1)
    sys.exit(1 if assess_file(file, packs, options.lenient, options.more) else 0)


@main.command()
@pack_folder
@with_format
@click.option("--strict", is_flag=True, help="Warnings fail the check too.")
@with_parts
def check(pack: Path, style: Format, strict: bool, parts: str | None) -> None:
    """Check a pack's files. Prints nothing if there are no problems.

    A missing translation is an error here, although such a pack can serve. A pack with parts is also loaded
    without any part and with each alone.
    """
    loaded, found = check_pack(pack, today=utc_now().date())
    if loaded:
        found += [
            *check_name(pack, loaded),
            *check_selections(pack, found, pairs=parts is not None),
        ]
    problems = before_release(sorted(found))
    _show(problems, style)
    sys.exit(1 if loaded is None or has_errors(problems) or (strict and problems) else 0)


@main.command()
@pack_folder
@with_engine
@with_format
@click.option(
    "--snapshot",
    is_flag=True,
    help="Keep the answers in cases/snapshot.txt if that file is not there yet. Later runs compare with it.",
)
@click.option("--update", is_flag=True, help="Write cases/snapshot.txt again.")
@with_parts
def test(
    pack: Path,
    engine: EngineName | None,
    style: Format,
    snapshot: bool,
    update: bool,
    parts: str | None,
) -> None:
    """Run the cases of a pack. Compare their answers with cases/snapshot.txt, where that file is."""
    from service.authoring.cases import counted, run_cases

    loaded = _checked(pack, style)
    try:
        results = list(run_cases(loaded, _settings(engine).engine))
    except MatcherError as error:
        raise _refused(error) from None
    compared = compare(pack, loaded, results)
    wrong = Collector([one for result in results for one in result.problems]).listed()
    _show([*wrong, *compared.problems], style)
    failed = any(result.problems for result in results)
    written = _kept(compared, update) if snapshot or update else []
    if style == "text":
        differing = f", {compared.differing} differ from the snapshot" * (compared.differing > 0)
        click.echo(f"{counted(results)}{differing}")
        for line in [*compared.summary(), *(f"written: {file}" for file in written)]:
            click.echo(line)
    failed = _test_selections(pack, _settings(engine).engine, style, parts) or failed
    sys.exit(1 if failed or (compared.problems and not update) else 0)


def _test_selections(folder: Path, engine: EngineName, style: Format, parts: str | None) -> bool:
    """Runs the cases of every selection of parts, if that is asked for. Whether any failed."""
    from service.authoring.cases import counted

    found = list(run_selections(folder, engine)) if parts else []
    for chosen, results in found:
        _show(Collector([one for result in results for one in result.problems]).listed(), style)
        if style == "text":
            click.echo(f"{in_words(chosen)}: {counted(results)}")
    return any(result.problems for _, results in found for result in results)


def _kept(compared: ComparedAnswers, update: bool) -> list[Path]:
    if compared.unanswered:
        raise click.ClickException(
            f"no snapshot is written: {compared.unanswered} cases have no answer"
        )
    try:
        return keep(compared, update=update)
    except OSError as error:
        raise click.ClickException(f"no snapshot is written: {error.strerror}") from None


@main.command()
@click.option(
    "--live",
    is_flag=True,
    help="Ask /healthz: does the server answer? Default: /readyz, is it ready?",
)
def health(live: bool) -> None:
    """Ask the server that runs here whether it is healthy, at each address of TOCSIN_BIND."""
    try:
        click.echo(ask(read_addresses(os.environ), "/healthz" if live else "/readyz"))
    except (ConfigError, UnhealthyError) as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
def token(name: str, role: CallerRole) -> None:
    """Make a token for a caller, with the role post, read or operate.

    The token is printed once, on standard error: give it to the caller. Its line for the file of
    TOCSIN_TOKENS is printed on standard output: tocsin token NAME ROLE >> FILE appends it.
    """
    if not NAME.fullmatch(name):
        raise click.BadParameter(f"it has {NAME_FORM}", param_hint="NAME")
    made = new_token()
    click.echo("The token, for the caller. It is shown only now:", err=True)
    click.echo(f"  {made}", err=True)
    click.echo("The line for the file of TOCSIN_TOKENS goes to standard output:", err=True)
    click.echo(line_of(made, name, role))


@main.command()
@click.argument("place", type=click.Choice(sorted(PLACES)))
@click.argument("years", metavar="YEARS")
def calendar(place: str, years: str) -> None:
    """Write a calendar for a pack, by which working and trading days are counted.

    YEARS is like 2026..2027. It is printed: tocsin calendar cn 2026..2027 > PACK/calendars/cn.yaml
    """
    span = read_years(years)
    if span is None or span[1] - span[0] >= MOST_YEARS:
        message = f"it is like 2026..2027, with at most {MOST_YEARS} years"
        raise click.BadParameter(message, param_hint="YEARS")
    try:
        text = calendar_file(place, *span)
    except ImportError:
        message = "this needs the library holidays: pip install --require-hashes -r requirements-calendar.txt"
        raise click.ClickException(message) from None
    click.echo(text, nl=False)


def _settings(engine: EngineName | None) -> Config:
    """The settings, with another engine if the command names one."""
    named = {"TOCSIN_ENGINE": engine} if engine else {}
    try:
        return read_config({**os.environ, **named})
    except ConfigError as error:
        raise click.UsageError(str(error)) from None


def _show(problems: Iterable[Problem], style: Format, beside: bool = False) -> None:
    """Prints them on standard output, or on standard error if they stand `beside` answers."""
    if text := render(problems, style):
        click.echo(text, err=beside)


def _checked(folder: Path, style: Format, beside: bool = False) -> Pack:
    """The pack. If it has errors, shows them and ends the command with status 1."""
    pack, problems = check_pack(folder)
    if pack is None or has_errors(problems):
        _show(problems, style, beside)
        sys.exit(1)
    return pack


def _packs(folder: Path | None, engine: EngineName | None, style: Format) -> Packs:
    """The packs that assess. Their problems are printed on standard error."""
    settings = _settings(engine)
    configure_logs(settings.log_level)
    try:
        if folder is None:
            return load_packs(settings.deployment(random_number))
        pack = _checked(folder, style, beside=True)
        served = ServedPack.of(pack, settings.engine, settings.sampling(random_number))
        return Packs({pack.name: served}, pack.name)
    except NoPackError as error:
        _show(error.problems, style, beside=True)
        raise click.ClickException(str(error)) from None
    except MatcherError as error:
        raise _refused(error) from None


def _refused(error: MatcherError) -> click.ClickException:
    return click.ClickException(f"the rete matcher refuses the rules: {error}")
