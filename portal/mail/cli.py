"""`portal mail-in`."""

import signal
import threading

import click
from flask.cli import with_appcontext

from portal.config import settings
from portal.extensions import this_app


@click.command("mail-in")
@with_appcontext
def mail_in() -> None:
    """Receive replies to our mail over SMTP.

    It listens where the setting mail_in_listen says. Have your mail server hand on to it what is sent to mail_reply_to.
    Replies are not read yet: each sender gets an answer in their language that leads them to the ticket.
    """
    from portal.mail.incoming import listen, reply_address

    ours = settings()
    if not ours.mail_in_listen:
        raise click.ClickException("set mail_in_listen first, such as 127.0.0.1:8025")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    controller = listen(this_app())
    click.echo(f"Receiving mail to {reply_address(ours)} at {ours.mail_in_listen}")
    stopped.wait()
    controller.stop()


def register(cli: click.Group) -> None:
    cli.add_command(mail_in)
