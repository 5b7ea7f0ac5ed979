"""`portal worker` and `portal jobs`."""

from datetime import timedelta

import click
from flask.cli import with_appcontext

from portal.clock import now
from portal.extensions import this_app
from portal.jobs import outbox


@click.command()
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 32), help="Jobs done at once.")
@with_appcontext
def worker(threads: int) -> None:
    """Send mail and do the other work that requests have promised.

    Run one or more beside the web server. SIGTERM lets it finish the jobs in hand and stop; a worker that is killed
    loses nothing, because another one takes its jobs again after five minutes.
    """
    from portal.jobs.worker import work
    from portal.serve import settle

    settle()
    work(this_app(), threads=threads)


@click.group(invoke_without_command=True)
@click.pass_context
def jobs(context: click.Context) -> None:
    """Show how the outbox stands, and the jobs that were given up."""
    if context.invoked_subcommand is None:
        context.invoke(_show)


@with_appcontext
def _show() -> None:
    at = now()
    state = outbox.backlog(at)
    late = ""
    if state.due_since is not None and at - state.due_since > timedelta(minutes=1):
        late = f", the oldest since {state.due_since:%Y-%m-%d %H:%M} UTC: is a worker running?"
    click.echo(f"{state.due} due{late}")
    click.echo(f"{state.given_up} given up")
    for job in outbox.given_up():
        click.echo(f"  {job.id}  {job.kind}  {job.given_up_at:%Y-%m-%d %H:%M}  {job.last_error}")
    if state.given_up:
        click.echo("Try them again with `portal jobs retry ID …` or `portal jobs retry --all`.")


@jobs.command()
@click.argument("ids", nargs=-1, type=int, metavar="[ID]...")
@click.option("--all", "every", is_flag=True, help="All jobs that were given up.")
@with_appcontext
def retry(ids: tuple[int, ...], every: bool) -> None:
    """Put jobs that were given up back into the outbox."""
    if bool(ids) == every:
        raise click.UsageError("name the jobs, or say --all")
    count = outbox.retry(now(), None if every else ids)
    click.echo(f"{count} put back; a worker takes them within seconds.")


def register(cli: click.Group) -> None:
    cli.add_command(worker)
    cli.add_command(jobs)
