"""The demonstration as one WSGI application: the portal, and its identity provider under a path of it."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response

from portal import create_app, paths
from portal.config import LOOPBACK, Settings, load_settings
from portal.demo.inbox import bp as inbox
from portal.demo.provider import create_provider
from portal.demo.provider_store import Client

PROVIDER_PATH = "/demo/idp"


class OneHost:
    """Leads other names of this machine to the printed address: a sign-in that begins at one name ends there."""

    def __init__(self, inner: Any, base_url: str) -> None:
        self.inner, self.base_url, self.host = inner, base_url, urlsplit(base_url).netloc

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", self.host)
        if host != self.host and urlsplit(f"//{host}").hostname in LOOPBACK:
            request = Request(environ)
            target = self.base_url + request.full_path.rstrip("?")
            return Response(status=307, headers={"Location": target})(environ, start_response)
        answer: Iterable[bytes] = self.inner(environ, start_response)
        return answer


def create(settings: Settings | None = None) -> Flask:
    """The portal with its provider; what gunicorn serves in the demonstration."""
    settings = settings or load_settings()
    app = create_app(settings)
    app.register_blueprint(inbox)
    provider = settings.providers[0]
    client = Client(
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        redirect_uris=(f"{settings.base_url}/sign-in/{provider.name}/callback",),
        post_logout_redirect_uris=(f"{settings.base_url}/signed-out",),
    )
    identity = create_provider(
        provider.issuer,
        clients=(client,),
        state_dir=paths.instance_folder() / "demo-idp",
        environment=settings.environment,
    )
    mounted = DispatcherMiddleware(app.wsgi_app, {PROVIDER_PATH: identity})
    app.wsgi_app = OneHost(mounted, settings.base_url)  # type: ignore[method-assign]  # Flask's documented way
    return app
