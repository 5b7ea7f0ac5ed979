"""The settings of one identity provider."""

import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from portal.config.values import address


class ProviderSettings(BaseModel):
    """One identity provider that people may sign in through."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
    label: Annotated[str, Field(min_length=1, max_length=60)]
    kind: Literal["oidc", "oauth2"] = "oidc"
    issuer: str = ""
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: str = Field(default="", repr=False)
    scope: str = ""
    email_trust: Literal["claim", "always", "never"] = "claim"
    tenants: tuple[str, ...] = ()
    authorize_url: str = ""
    token_url: str = ""
    userinfo_url: str = ""
    id_field: str = "id"
    email_field: str = "email"
    name_field: str = "name"

    @field_validator("issuer", "authorize_url", "token_url", "userinfo_url")
    @classmethod
    def _must_be_address(cls, value: str) -> str:
        return address(value) if value else value

    @model_validator(mode="before")
    @classmethod
    def _fill_by_kind(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        filled = dict(data)
        if filled.get("kind", "oidc") == "oidc":
            filled["scope"] = filled.get("scope") or "openid email profile"
        elif not filled.get("issuer") and isinstance(filled.get("authorize_url"), str):
            # The issuer is half of a person's identity; a plain OAuth 2 provider announces none.
            parts = urlsplit(filled["authorize_url"])
            filled["issuer"] = f"{parts.scheme}://{parts.netloc}"
        return filled

    @model_validator(mode="after")
    def _must_be_complete(self) -> Self:
        needed = ["issuer"] if self.kind == "oidc" else ["authorize_url", "token_url", "userinfo_url"]
        if missing := [name for name in needed if not getattr(self, name)]:
            raise ValueError(f"provider '{self.name}' needs {', '.join(missing)}")
        if re.search(r"/(common|organizations)/|\{tenantid\}", self.issuer) and not self.tenants:
            raise ValueError(f"provider '{self.name}' serves many tenants: list the allowed ones in tenants")
        return self
