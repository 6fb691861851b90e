"""The accounts of the settings open the channels they should, with the keys they have."""

from __future__ import annotations

import pytest

from bot.channels import channel_for
from bot.domain import ChannelKind
from bot.settings import OfficialAccount, WeComCorp
from tests.channels.doors import (
    APP_ID,
    CORP_ID,
    NEW_KEY,
    NOW,
    OLD_KEY,
    PAYLOADS,
    SKEW_S,
    TOKEN,
    seal,
    signed_query,
)


def official(**more: str) -> OfficialAccount:
    known = {"kind": "official_account", "name": "shop", "app_id": APP_ID, "app_secret": "s", "token": TOKEN}
    return OfficialAccount.model_validate({**known, "encoding_aes_key": NEW_KEY} | more)


def test_an_official_account_opens_one_channel() -> None:
    (channel,) = channel_for(official(original_id="gh_7f083739789a"), SKEW_S)
    assert channel.kind == ChannelKind.OFFICIAL_ACCOUNT
    query = signed_query(name="signature") | {"echostr": "1"}
    assert channel.handshake(query, NOW) == "1"


@pytest.mark.parametrize("key", [NEW_KEY, OLD_KEY])
def test_both_configured_keys_are_used(key: str) -> None:
    (channel,) = channel_for(official(previous_encoding_aes_key=OLD_KEY), SKEW_S)
    body = (PAYLOADS / "official_account" / "text.xml").read_bytes()
    assert channel.parse(seal(body, key=key, receive_id=APP_ID)).inbound


def test_a_corp_opens_its_own_channel_and_its_customer_service() -> None:
    corp = WeComCorp.model_validate(
        {
            "kind": "wecom",
            "name": "corp",
            "corp_id": CORP_ID,
            "agent_id": 1000002,
            "secret": "s",
            "token": TOKEN,
            "encoding_aes_key": NEW_KEY,
        }
    )
    door, service = channel_for(corp, SKEW_S)
    assert (door.kind, service.kind) == (ChannelKind.WECOM, ChannelKind.WECOM_KF)
    body = (PAYLOADS / "wecom" / "kf_msg_or_event.xml").read_bytes()
    assert door.parse(seal(body, receive_id=CORP_ID)).doorbells[0].account == "corp"


def test_a_secret_that_cannot_be_one_names_its_account_and_stays_secret() -> None:
    with pytest.raises(ValueError, match="account 'shop': an EncodingAESKey") as refused:
        channel_for(official(previous_encoding_aes_key="too-short"), SKEW_S)
    assert "too-short" not in str(refused.value)
