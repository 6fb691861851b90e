"""How is this installation set up? Read once, frozen; a missing secret refuses to start and is named."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from typing_extensions import override

from bot.archive_settings import ArchiveSettings
from bot.archive_settings import Section as _Section
from bot.console_settings import ConsoleSettings

_ACCOUNT_PREFIX = "xiaoer__accounts__"
AES_KEY_CHARS = 43  # length of an EncodingAESKey (wechat-platform §1.2)


class SettingsError(Exception):
    """The settings cannot be used; the message names the setting and what to do."""


class ServerSettings(_Section):
    """Where we listen, and how the platforms and browsers reach us."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    base_url: str = ""
    secret: SecretStr = Field(
        default=SecretStr(""), description="signs console sessions and login links; at least 32 characters"
    )
    max_body_bytes: int = Field(default=65_536, description="DESIGN §4: body ≤ 64 KiB")
    max_clock_skew_s: int = Field(
        default=300, description="age at which a callback's timestamp is stale (wechat-platform §8.12: ±5 min)"
    )
    passive_wait_s: float = Field(
        default=4.5, description="how long a passive answer may take; the platform cuts at 5 s (§1.3)"
    )

    @property
    def public_url(self) -> str:
        """The address others reach us at, without a trailing slash."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")


class DatabaseSettings(_Section):
    """SQLite (embedded) or PostgreSQL."""

    url: str = "sqlite+aiosqlite:///var/xiaoer.db"
    pool_size: int = Field(default=8, ge=1)


class RedisSettings(_Section):
    """`embedded` starts a real Valkey as a child on a private socket. Never holds the truth."""

    url: str = "embedded"


class ContentSettings(_Section):
    """The shop's content pack: applied when the database holds none."""

    pack: str = "examples/cosmetics"


class NluSettings(_Section):
    """Who understands, and how long that may take."""

    engine: Literal["in-process", "rasa"] = "in-process"
    url: str = Field(default="http://127.0.0.1:5005", description="of `rasa run --enable-api`")
    engine_timeout_s: float = Field(
        default=0.5, gt=0, description="how long Rasa may take before the in-process engine answers instead"
    )
    encoder: str = Field(default="bundled", description="bundled | portable | sentence-transformers:<path or hub name>")
    timeout_s: float = Field(
        default=3.0, gt=0, description="how long the whole of understanding and searching may take"
    )


class LimitSettings(_Section):
    """Platform limits as settings, each with its source in reference wechat-platform."""

    sends_per_customer_message: int = Field(default=5, description="§2.4, §3: 5 messages a customer message")
    sends_after_event: int = Field(default=3, description="§3: 3 messages after a menu click, follow or scan")
    send_window_s: int = Field(default=48 * 3600, description="§2.4: within 48 h")
    event_window_s: int = Field(default=60, description="§3: 1 minute after a menu click, follow or scan")
    reserve_for_handover: int = Field(default=1, ge=0, description="§8.7: keep one send for the hand-over notice")
    welcome_window_s: int = Field(default=20, description="§2.4: welcome_code lives 20 s")
    media_life_s: int = Field(default=3 * 86_400, description="§2.2: the platforms keep an upload for 3 days")
    image_bytes: int = Field(default=2 * 1024 * 1024, description="§2.2")
    voice_bytes: int = Field(default=2 * 1024 * 1024, description="§2.2")
    video_bytes: int = Field(default=10 * 1024 * 1024, description="§2.2")
    file_bytes: int = Field(default=20 * 1024 * 1024, description="§2.2")
    calls_per_minute: int = Field(default=10_000, description="§4.2: per corp and call")
    calls_per_minute_ip: int = Field(default=20_000, description="§4.2: per IP")
    mark_tag_concurrency: int = Field(default=5, ge=1, description="§4.2: mark_tag side by side, else 45033")
    tags_per_corp: int = Field(default=10_000, ge=1, description="§4.5: a corp's tags, rule-group tags included")
    tags_per_contact: int = Field(default=3_000, ge=1, description="§4.5: a customer's tags by one member")
    tag_chars: int = Field(default=30, ge=1, description="§4.5: characters of a corp tag's name")
    official_tags: int = Field(default=100, ge=1, description="§3: an official account's tags (45056)")
    official_tags_per_user: int = Field(default=20, ge=1, description="§3: tags of one follower (45059)")
    official_tag_bytes: int = Field(default=30, ge=1, description="§3: bytes of a tag's name (45158)")
    official_batch: int = Field(default=50, ge=1, le=50, description="§3: openids of one batchtagging")
    single_agree_per_minute: int = Field(default=2_500, description="§5.1: msgaudit/check_single_agree")
    room_agree_per_minute: int = Field(default=1_500, description="§5.1: msgaudit/check_room_agree")
    breaker_s: float = Field(default=60.0, description="§4.2: 45009 blocks for a minute")
    api_timeout_s: float = 8.0


class WorkSettings(_Section):
    """Leases, retries and sweeps of the worker."""

    lease_s: float = Field(default=30.0, description="how long a claimed message or send stays ours without renewal")
    sweep_s: float = Field(default=1.0, description="fallback poll when a wake-up was lost")
    attempts: int = Field(default=8, ge=1, description="tries before a message or send is dead-lettered")
    backoff_s: float = Field(default=0.5, description="first retry delay; doubles, with full jitter")
    backoff_cap_s: float = 60.0
    concurrency: int = Field(default=8, ge=1)
    reconcile_s: float = Field(default=60.0, description="sweep of kf/service_state/get over handed-over conversations")
    bubble_wait_s: float = Field(
        default=1.5,
        ge=0,
        description="how long a message that looks unfinished waits at most for the next one; 0: never",
    )
    bubble_total_s: float = Field(default=4.0, ge=0, description="how long the first of several such messages waits")
    skip_older_s: int = Field(
        default=600, description="first start: customer messages older than this are stored, not answered (§8.5)"
    )


class SurveySettings(_Section):
    """Whether customers are asked how satisfied they are with the person who served them."""

    enabled: bool = True
    every_days: int = Field(default=7, ge=0, description="the same customer is asked once in so many days")


class ArchiveAccess(_Section):
    """会话内容存档 of a corp, through Tencent's Finance SDK."""

    secret: SecretStr
    private_keys: dict[int, SecretStr] = Field(description="publickey_ver → PEM, or the path of a file that holds it")
    library: Path = Field(description="libWeWorkFinanceSdk_C.so, downloaded from Tencent")
    proxy: str = ""
    proxy_password: SecretStr = SecretStr("")


class OfficialAccount(_Section):
    """One 公众号."""

    kind: Literal["official_account"]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    app_id: str
    app_secret: SecretStr
    token: SecretStr
    encoding_aes_key: SecretStr = SecretStr("")
    previous_encoding_aes_key: SecretStr = SecretStr("")
    original_id: str = ""
    mode: Literal["plain", "compatible", "safe"] = "safe"
    answering: Literal["active", "passive", "auto"] = "auto"
    api_base: str = "https://api.weixin.qq.com"

    @model_validator(mode="after")
    def _check_key(self) -> Self:
        if self.mode != "plain":
            _check_aes_key(self.name, self.encoding_aes_key)
        return self


class WeComCorp(_Section):
    """One WeCom corp with its self-built app; its 微信客服 accounts hang below it."""

    kind: Literal["wecom"]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    corp_id: str
    agent_id: int
    secret: SecretStr
    token: SecretStr
    encoding_aes_key: SecretStr
    previous_encoding_aes_key: SecretStr = SecretStr("")
    open_kfids: tuple[str, ...] = Field(default=(), description="empty: every account the API may manage")
    handoff: Literal["client", "console"] = "client"
    archive: ArchiveAccess | None = None
    api_base: str = "https://qyapi.weixin.qq.com"

    @model_validator(mode="after")
    def _check_key(self) -> Self:
        _check_aes_key(self.name, self.encoding_aes_key)
        return self


Account = Annotated[OfficialAccount | WeComCorp, Field(discriminator="kind")]


class Settings(BaseSettings):
    """Everything an installation can say. Sections mirror xiaoer.toml."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="XIAOER__", env_nested_delimiter="__", env_ignore_empty=True
    )

    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    content: ContentSettings = ContentSettings()
    nlu: NluSettings = NluSettings()
    limits: LimitSettings = LimitSettings()
    work: WorkSettings = WorkSettings()
    survey: SurveySettings = SurveySettings()
    console: ConsoleSettings = ConsoleSettings()
    archive: ArchiveSettings = ArchiveSettings()
    accounts: tuple[Account, ...] = ()
    data_dir: Path = Path("var")

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [account.name for account in self.accounts]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            message = f"accounts: the name {twice[0]!r} is used twice; give each account its own"
            raise ValueError(message)
        return self

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment wins over the file: secrets are better there (DESIGN §7)."""
        del settings_cls, dotenv_settings, file_secret_settings
        assert isinstance(env_settings, EnvSettingsSource)  # noqa: S101 - narrows for the type checker
        # XIAOER__ACCOUNTS__<NAME>__<FIELD> is laid over the file by `load_settings`, account by account
        env_settings.env_vars = {
            name: value for name, value in env_settings.env_vars.items() if not name.lower().startswith(_ACCOUNT_PREFIX)
        }
        return env_settings, init_settings


def load_settings(path: Path | None = None) -> Settings:
    """Read `path`, or $XIAOER_CONFIG, or ./xiaoer.toml if it exists, then the environment.

    Raises SettingsError with the name of the setting that is missing or wrong.
    """
    named = path or (Path(os.environ["XIAOER_CONFIG"]) if "XIAOER_CONFIG" in os.environ else None)
    source = named or Path("xiaoer.toml")
    values: dict[str, object] = {}
    if source.exists():
        try:
            values = tomllib.loads(source.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            message = f"{source}: not valid TOML ({error}); correct that line"
            raise SettingsError(message) from error
    elif named is not None:
        message = f"{named}: no such settings file; create it or leave out --config / XIAOER_CONFIG"
        raise SettingsError(message)
    _overlay_account_secrets(values)
    try:
        return Settings(**values)  # type: ignore[arg-type] # the sections are validated by pydantic itself
    except ValidationError as error:
        raise SettingsError(_explain(error, source)) from error


def _overlay_account_secrets(values: dict[str, object]) -> None:
    """XIAOER__ACCOUNTS__<NAME>__<FIELD> sets a field of the account of that name ("-" in it written "_").

    <FIELD>__<FIELD> is one of a section of the account.
    """
    accounts = values.get("accounts")
    if not isinstance(accounts, list):
        return
    for account in accounts:
        if not isinstance(account, dict):
            continue
        prefix = f"{_ACCOUNT_PREFIX}{str(account.get('name', '')).replace('-', '_')}__".lower()
        for name, value in os.environ.items():
            if name.lower().startswith(prefix):
                _lay(account, name.lower().removeprefix(prefix).split("__"), value)


def _lay(section: dict[str, object], path: list[str], value: str) -> None:
    """Set one field, in the section of a section that the path names."""
    *outer, last = path
    for name in outer:
        inner = section.setdefault(name, {})
        if not isinstance(inner, dict):
            return  # the file holds a value there: pydantic says what is wrong with it
        section = inner
    section[last] = value


def _check_aes_key(name: str, key: SecretStr) -> None:
    if len(key.get_secret_value()) != AES_KEY_CHARS:
        message = f"encoding_aes_key of account {name!r} must have {AES_KEY_CHARS} characters, as the console shows it"
        raise ValueError(message)


def _explain(error: ValidationError, source: Path) -> str:
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        where = ".".join(str(part) for part in problem["loc"])
        advice = "set it" if problem["type"] == "missing" else problem["msg"]
        lines.append(f"setting {where or source}: {advice}")
    return "\n".join([f"the settings ({source} and XIAOER__… in the environment) cannot be used:", *lines])
