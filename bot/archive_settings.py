"""How is what was said kept, analysed, tagged and given up? The settings' section `archive`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Section(BaseModel):
    """A part of the settings: frozen, and without room for what nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RetentionSettings(Section):
    """Days that what was said is kept, by class; 0: for good."""

    messages_days: int = Field(default=1095, ge=0, description="E-Commerce Law §31: at least three years")
    session_archive_days: int = Field(default=1095, ge=0, description="what WeCom's session archive brought")
    imports_days: int = Field(default=1095, ge=0, description="what came from files")
    files_days: int = Field(default=1095, ge=0, description="files of the session archive; its words stay")
    results_days: int = Field(default=1095, ge=0, description="marks, findings, figures of sessions; words stay")
    views_days: int = Field(default=1095, ge=0, description="who read unmasked words")


class AnalysisSettings(Section):
    """How what was said is analysed beside the journey."""

    enabled: bool = Field(default=True, description="whether workers analyse; `xiaoer archive analyze` always does")
    batch: int = Field(default=64, ge=1, le=5_000, description="entries a worker analyses at a time")
    gap_s: int = Field(default=1_800, ge=1, description="a pause after which what is said begins a new session")


class TaggingSettings(Section):
    """How customers get their tags, and who is told."""

    enabled: bool = Field(default=True, description="whether workers judge tags, where they analyse")
    write: bool = Field(default=True, description="whether tags are written to WeCom and official accounts")
    group_prefix: str = Field(
        default="店小二·", max_length=15, description="before the names of our tag groups in WeCom"
    )
    batch: int = Field(default=50, ge=1, le=1_000, description="customers judged at a time")
    debounce_s: float = Field(default=0.5, ge=0, description="how long after an analysis a customer is judged")
    recheck_s: int = Field(default=6 * 3_600, ge=60, description="how often tags that only time changes are judged")


class ArchivePullSettings(Section):
    """How the WeCom session archive is read."""

    every_s: float = Field(default=60.0, gt=0, description="the timer beside the doorbell, which may be lost")
    page_size: int = Field(default=500, ge=1, le=1000, description="§5.2: at most 1000; a page is one transaction")
    calls_per_minute: int = Field(default=600, ge=1, description="§5.2: GetChatData, widely repeated, unconfirmed")
    timeout_s: int = Field(default=30, ge=1, description="of one call of the library")
    decrypt_s: float = Field(default=10.0, gt=0, description="how long one message may take to decrypt")
    message_bytes: int = Field(default=8 * 1024 * 1024, description="a larger message is kept sealed, aside")
    answer_bytes: int = Field(default=64 * 1024 * 1024, description="a larger page is asked for in smaller ones")
    lease_s: float = Field(default=120.0, description="how long an account stays a worker's without renewal")
    backoff_s: float = Field(default=2.0, description="first wait after 10001-10003; doubles")
    backoff_cap_s: float = 300.0
    refused_again_s: float = Field(default=600.0, description="when a refusal that needs a person is looked at again")
    lag_alarm_s: float = Field(default=12 * 3600.0, description="§5.2: the platform keeps messages for 5 days")
    internal: bool = Field(default=False, description="whether to keep what members write among themselves")
    media: bool = True
    media_bytes: int = Field(default=200 * 1024 * 1024, description="a larger file is not fetched")
    media_attempts: int = Field(default=3, ge=1, description="whole transfers before a file is given up")


BasisName = Literal["agreed", "not_refused", "contract", "never"]


class BasisSettings(Section):
    """On which ground words that came by one way pass the gates (docs/privacy.md)."""

    store: BasisName = Field(default="contract", description="to keep them")
    analyse: BasisName = Field(default="contract", description="to make results, findings and tags of them")
    train: BasisName = Field(default="agreed", description="to learn from them, draft scripts of them, export them")


class ArchiveBasisSettings(BasisSettings):
    """The same for WeCom's session archive, which its customers can refuse."""

    store: BasisName = Field(default="not_refused", description="to keep them")
    analyse: BasisName = Field(default="not_refused", description="to make results, findings and tags of them")


class ConsentSettings(Section):
    """Who may be kept, analysed and learned from, and how we hear of it."""

    archive: ArchiveBasisSettings = Field(default=ArchiveBasisSettings(), description="WeCom's session archive")
    service: BasisSettings = Field(default=BasisSettings(), description="微信客服 and official accounts")
    imported: BasisSettings = Field(default=BasisSettings(), description="history from files")
    ask_again_s: float = Field(default=3600.0, gt=0, description="a pair that writes is asked about at most so often")
    ask_after_gap_s: float = Field(default=1800.0, gt=0, description="after such a silence: at once")
    pairs_a_call: int = Field(default=100, ge=1, le=100, description="§5.1: check_single_agree takes 100")
    backoff_s: float = Field(default=30.0, gt=0, description="first wait after a failed call; doubles")
    backoff_cap_s: float = 3600.0
    purge_batch: int = Field(default=200, ge=1, description="rows that one transaction of a purge removes")
    sweep_s: float = Field(default=3600.0, gt=0, description="how often to look for people who had withdrawn and wrote")


class ArchiveSettings(Section):
    """What was said: the keys that seal it, and what we may do with it."""

    key: str = Field(default="", description="id of the newest of archive.keys; empty, on SQLite: a key file is made")
    keys: dict[str, SecretStr] = Field(default={}, description="key-encryption keys: id → base64 of 32 bytes")
    retention: RetentionSettings = RetentionSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    tagging: TaggingSettings = TaggingSettings()
    pull: ArchivePullSettings = ArchivePullSettings()
    consent: ConsentSettings = ConsentSettings()
