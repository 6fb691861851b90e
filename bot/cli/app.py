"""Which commands are there? The registry: one line a group."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import (
    archive,
    archive_analyze,
    archive_findings,
    archive_import,
    archive_pull,
    archive_report,
    audit,
    bench,
    console,
    content,
    demo,
    doctor,
    encoders,
    explain,
    gaps,
    keywords,
    knowledge,
    library,
    lint,
    outbox,
    people,
    privacy,
    reports,
    route,
    sentiment,
    serve,
    simulate,
    tags,
    training_files,
    understanding,
)
from bot.cli.running import Shared

app = typer.Typer(
    name="xiaoer",
    help="店小二: the customer-service agent for merchants on WeChat and WeCom.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Settings file; default $XIAOER_CONFIG or ./xiaoer.toml.")
]


@app.callback()
def main(context: typer.Context, config: ConfigOption = None) -> None:
    """Answer customers from approved scripts, or hand them to the right person."""
    context.obj = Shared(config=config)


app.command(name="bench")(bench.bench)
app.command(name="demo")(demo.demo)
app.command(name="doctor")(doctor.doctor)
app.command(name="explain")(explain.explain)
app.command(name="migrate")(serve.migrate)
app.command(name="run")(serve.run)
app.command(name="serve")(serve.serve)
app.command(name="simulate")(simulate.simulate)
app.command(name="work")(serve.work)
archive.app.command(name="pull")(archive_pull.pull)
archive.app.command(name="keys")(archive_pull.keys)
archive.app.command(name="analyze")(archive_analyze.analyze)
archive.app.command(name="findings")(archive_findings.findings)
archive.app.command(name="import")(archive_import.import_history)
archive.app.command(name="report")(archive_report.report)
archive.app.command(name="review")(archive_findings.review)
archive.app.command(name="sample")(archive_findings.draw_sample)
app.add_typer(archive.app, name="archive")
app.add_typer(audit.app, name="audit")
app.add_typer(console.app, name="console")
app.add_typer(content.app, name="content")
app.add_typer(keywords.app, name="keywords")
knowledge.app.command(name="gaps")(gaps.gaps)
knowledge.app.command(name="uses")(gaps.uses)
knowledge.app.command(name="tune")(encoders.tune_model)
for name, command in (
    ("list", library.list_scripts),
    ("show", library.show),
    ("state", library.move),
    ("restore", library.restore),
    ("export", library.export),
    ("lint", lint.check),
):
    knowledge.app.command(name=name)(command)
app.add_typer(knowledge.app, name="kb")
app.add_typer(outbox.app, name="outbox")
app.add_typer(people.app, name="people")
app.add_typer(privacy.app, name="privacy")
app.add_typer(route.app, name="route")
app.add_typer(reports.app, name="reports")
app.add_typer(tags.app, name="tags")
understanding.app.command(name="convert")(encoders.convert)
understanding.app.command(name="export")(training_files.export)
understanding.app.command(name="reformat")(training_files.reformat)
app.add_typer(sentiment.app, name="sentiment")
app.add_typer(understanding.app, name="nlu")
