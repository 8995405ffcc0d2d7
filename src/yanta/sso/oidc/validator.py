"""Our rules beneath oauthlib's grants: digests only, everything good once, nothing of an ended session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import models, transaction
from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2.rfc6749 import errors

from yanta.kernel.base.fixed import Fixed, Given
from yanta.sso.applications import public as sso
from yanta.sso.oidc import issuing, keys, trace
from yanta.sso.oidc.models import AccessToken, Client, Grant, RefreshToken

_CLIENT = Fixed(
    lambda: Client.objects.select_related("application").filter(client_id=Given("name", models.CharField()))
)
# Of the person, what is sealed and nearly never told: to open it costs more than to read it when it is.
_NOT_TOLD = ("user__person__id_number", "user__person__phone", "user__person__bank_account")
_OWNERS = ("application__application", "user__person__home_unit", "entry__session")
_DIGEST = Given("digest", models.CharField())
_REFRESH = Fixed(
    lambda: (
        RefreshToken.objects.select_related("user__person__home_unit", "entry__session")
        .filter(token_checksum=_DIGEST)
        .defer(*_NOT_TOLD)
    )
)
_ACCESS = Fixed(lambda: AccessToken.objects.select_related(*_OWNERS).filter(token_checksum=_DIGEST))


class Validator(OAuth2Validator):
    """Named in `OAUTH2_PROVIDER`."""

    def _load_application(self, client_id: str, request: Any) -> Client | None:
        known = request.client
        if not (isinstance(known, Client) and known.client_id == client_id):
            text = str(client_id or "")
            request.client = known = _CLIENT.first(name=text) if "\0" not in text else None
        trace.note(client=known)
        if known is None or not known.is_usable(request):
            trace.note(reason="客户端没有登记" if known is None else "应用未启用", rule="client")
            request.client = None
            return None
        return known

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        found = bool(super().authenticate_client(request, *args, **kwargs))
        if found and request.client.is_public:
            found = False
        if not found:
            trace.note(reason="客户端密钥不正确，或没有带上", rule="client")
        return found

    # Authorization requests

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        client = self._load_application(client_id, request)
        return client is None or client.is_public or client.requires_pkce

    def validate_silent_login(self, request: Any) -> bool:
        return True  # our page decides

    def validate_silent_authorization(self, request: Any) -> bool:
        return True

    def _create_authorization_code(self, request: Any, code: dict[str, str], expires: Any = None) -> None:
        if request.code_challenge and request.code_challenge_method != "S256":
            raise errors.InvalidRequestError(
                description="code_challenge_method must be S256", request=request
            )
        Grant.objects.create(
            application=request.client, user=request.user, code=issuing.digest_of(code["code"]),
            expires=timezone.now() + timedelta(seconds=60), redirect_uri=request.redirect_uri,
            scope=" ".join(request.scopes), code_challenge=request.code_challenge or "",
            code_challenge_method=request.code_challenge_method or "", nonce=request.nonce or "",
            entry=request.entry, shown_at=request.shown_at,
        )  # fmt: skip

    # Codes

    def _grant_of(self, code: str, request: Any) -> Grant | None:
        """The grant of a code, whoever brings it; read once."""
        if not hasattr(request, "found_grant"):
            rows = Grant.objects.select_related("user__person__home_unit", "entry__session")
            request.found_grant = rows.filter(code=issuing.digest_of(str(code or ""))).first()
        found: Grant | None = request.found_grant
        return found

    def get_authorization_code_scopes(
        self, client_id: str, code: str, redirect_uri: str, request: Any
    ) -> list[str]:
        grant = self._grant_of(code, request)
        return grant.scope.split() if grant else []

    def get_authorization_code_nonce(
        self, client_id: str, code: str, redirect_uri: str, request: Any
    ) -> str | None:
        grant = self._grant_of(code, request)
        return grant.nonce or None if grant else None

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """One conditional update uses the code up; what fails later does not give it back."""
        grant, now = self._grant_of(code, request), timezone.now()
        if grant is None or grant.application_id != client.pk:
            trace.note(
                reason="没有这个授权码，或它是发给另一个客户端的",
                rule="code",
                account=grant.user if grant else None,
            )
            return False
        request.user = grant.user
        trace.note(account=grant.user)
        family = uuid4()
        if not Grant.objects.filter(pk=grant.pk, used_at=None).update(used_at=now, family=family):
            issuing.end_family(Grant.objects.values_list("family", flat=True).get(pk=grant.pk))
            trace.note(reason="授权码已经用过，由它得到的令牌一并作废", rule="code.replayed")
            return False
        if grant.expires <= now or not grant.user.is_active or not sso.is_live(grant.entry.session, at=now):
            trace.note(reason="授权码已过期，或会话已结束", rule="code.expired")
            return False
        request.scopes, request.nonce = grant.scope.split(), grant.nonce or None
        request.entry, request.shown_at, request.family = grant.entry, grant.shown_at, family
        return True

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        challenge: str = request.found_grant.code_challenge
        if not challenge and getattr(request, "code_verifier", None):
            trace.note(reason="授权时没有 code_challenge，兑换时却带了 code_verifier", rule="pkce.downgrade")
            raise errors.InvalidGrantError(request=request)
        return challenge or None

    def get_code_challenge_method(self, code: str, request: Any) -> str | None:
        return request.found_grant.code_challenge_method or None

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Client, *args: Any, **kwargs: Any
    ) -> bool:
        request = kwargs.get("request") or args[0]
        if request.found_grant.redirect_uri == redirect_uri:
            return True
        trace.note(reason="redirect_uri 与授权时不同", rule="redirect_uri")
        return False

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Used up by `validate_code` already."""

    # Refresh tokens

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        kept = _REFRESH.first(digest=issuing.digest_of(str(refresh_token)))
        if kept is None or kept.application_id != client.pk:
            trace.note(reason="没有这个刷新令牌，或它是发给另一个客户端的", rule="refresh")
            return False
        kept.application = client
        trace.note(account=kept.user)
        if kept.revoked is not None:
            issuing.end_family(kept.token_family)
            trace.note(reason="刷新令牌已经用过或吊销，同一家族的令牌一并作废", rule="refresh.reused")
            return False
        verdict = sso.decide(client.application, sso.Holder(kept.user, timezone.localdate()))
        if not issuing.is_in_force(kept, at=timezone.now()) or not verdict.allowed:
            trace.note(
                reason=verdict.reason if not verdict.allowed else "刷新令牌已过期，或会话已结束",
                rule="refresh.ended",
            )
            return False
        request.user, request.refresh_token, request.refresh_token_instance = kept.user, refresh_token, kept
        request.entry, request.shown_at, request.family = kept.entry, kept.shown_at, kept.token_family
        return True

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any, **kwargs: Any) -> str:
        return str(request.refresh_token_instance.scope)

    # Writing down

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        previous: RefreshToken | None = getattr(request, "refresh_token_instance", None)
        if previous is None:
            with transaction.atomic():
                self._save_bearer_token(token, request)
            return
        trace.note(account=previous.user)
        lasts = timedelta(seconds=token["expires_in"])
        given = issuing.Pair(token["access_token"], token["refresh_token"], token["scope"], lasts)
        if not issuing.rotate(previous, given):
            issuing.end_family(request.family)
            trace.note(reason="刷新令牌同时用了两次，同一家族的令牌一并作废", rule="refresh.reused")
            raise errors.InvalidGrantError(request=request)

    def _save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        entry, family = getattr(request, "entry", None), getattr(request, "family", None)
        account = None if request.grant_type == "client_credentials" else request.user
        trace.note(account=account)
        issuing.store_access(
            token["access_token"], client=request.client, account=account, scope=token["scope"], entry=entry, family=family,
            lasts=timedelta(seconds=token["expires_in"]),
        )  # fmt: skip
        if token.get("refresh_token") and account is not None and entry is not None and family is not None:
            issuing.store_refresh(
                token["refresh_token"], client=request.client, account=account, scope=token["scope"], entry=entry,
                family=family, shown_at=request.shown_at,
            )  # fmt: skip

    # ID tokens and claims

    def finalize_id_token(
        self, id_token: dict[str, Any], token: dict[str, Any], token_handler: Any, request: Any
    ) -> str:
        claims = issuing.id_claims(
            request.client, request.user, set(request.scopes), request.entry, request.shown_at
        )
        return keys.sign({**id_token, **claims, "aud": request.client.client_id}, request.client.algorithm)

    def get_userinfo_claims(self, request: Any) -> dict[str, Any]:
        return issuing.user_claims(request.client, request.user, set(request.scopes))

    def validate_jwt_bearer_token(self, token: str, scopes: list[str], request: Any) -> bool:
        return False  # an ID token says who somebody is and opens nothing

    def validate_id_token(self, token: str, scopes: list[str], request: Any) -> bool:
        return False

    def _load_access_token(self, token: str) -> AccessToken | None:
        found: AccessToken | None = access_token(token)
        return found

    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """A token of this client, and with it its family; of others nothing is said and nothing happens."""
        own = {"token_checksum": issuing.digest_of(token), "application": request.client}
        families = [
            *RefreshToken.objects.filter(**own).values_list("token_family", flat=True),
            *AccessToken.objects.filter(**own).values_list("family", flat=True),
        ]
        AccessToken.objects.filter(**own).delete()
        for family in families:
            issuing.end_family(family)
        trace.note(client=request.client, reason="" if families else "没有这个令牌，或它是发给另一个客户端的")


def access_token(secret: str) -> AccessToken | None:
    """The token with this secret, if it is in force."""
    found = _ACCESS.first(digest=issuing.digest_of(secret))
    return found if found is not None and issuing.is_in_force(found, at=timezone.now()) else None
