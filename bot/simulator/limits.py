"""Which numbers do the platforms enforce? Each with its source; they change, so all are configuration."""

from __future__ import annotations

from dataclasses import dataclass

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The platforms' limits; seconds, bytes and counts.

    Only `untokened_syncs_per_minute`, `typing_lasts_s` and `mark_takes_s` are the simulator's own choice: the
    platforms publish no figure.
    """

    answer_within_s: float = 5.0  # §1.3: no answer in 5 s, connection cut
    callback_attempts: int = 3  # §1.3: 3 attempts in total
    token_s: float = 7200.0  # §3, §4.1: expires_in 7200
    token_overlap_s: float = 300.0  # §3: the replaced token works about 5 minutes on
    tokens_per_day: int = 2000  # §3: cgi-bin/token
    forced_tokens_per_day: int = 20  # §3: stable_token with force_refresh
    forced_token_gap_s: float = 30.0  # §3
    calls_per_minute: int = 10_000  # §4.2: per corp and call
    single_agree_per_minute: int = 2500  # §5.1
    room_agree_per_minute: int = 1500  # §5.1
    quota_s: float = MINUTE  # §4.2: 45009 blocks for the period
    text_bytes: int = 2048  # §2.4, §3, §4.3
    sends_per_message: int = 5  # §2.4 (95001), §3 (45047)
    sends_per_event: int = 3  # §3: after a menu click, follow or scan
    window_s: float = 48 * HOUR  # §2.4 (95002), §3 (45015)
    event_window_s: float = MINUTE  # §3
    typing_window_s: float = 30.0  # §3 (45080)
    typing_lasts_s: float = 15.0
    welcome_s: float = 20.0  # §2.4: welcome_code
    ended_code_s: float = 20.0  # §2.4: msg_code of an ended session
    reply_code_s: float = 48 * HOUR  # §2.4: msg_code into pool, pool to servicer
    kf_history_s: float = 3 * DAY  # §2.2
    kf_token_s: float = 600.0  # §2.2: callback token valid 10 min
    kf_page: int = 1000  # §2.2
    kf_cursor_bytes: int = 64  # §2.2
    untokened_syncs_per_minute: int = 60  # §2.2: "without it a strict rate limit", figure unpublished
    msgid_bytes: int = 32  # §2.4
    menu_items: int = 10  # §2.4 (95008)
    menu_head_bytes: int = 1024  # §2.4
    menu_id_bytes: int = 64  # §2.4
    menu_label_bytes: int = 128  # §2.4
    url_bytes: int = 2048  # §2.4
    link_title_bytes: int = 128  # §2.4
    link_desc_bytes: int = 512  # §2.4
    scene_bytes: int = 32  # §2.5
    kf_name_chars: int = 16  # §2.5
    batch: int = 100  # §2.5, §3: batchget
    media_s: float = 3 * DAY  # §2.2: temporary material
    upload_image_bytes: int = 10 * 1024 * 1024  # of what we upload [W 90253]; the others are as below
    image_bytes: int = 2 * 1024 * 1024  # of what customers send, §2.2
    voice_bytes: int = 2 * 1024 * 1024  # §2.2
    video_bytes: int = 10 * 1024 * 1024  # §2.2
    file_bytes: int = 20 * 1024 * 1024  # §2.2
    response_code_s: float = 72 * HOUR  # §4.3
    recall_s: float = 24 * HOUR  # §4.3
    card_buttons: int = 6  # §4.3
    task_id_bytes: int = 128  # §4.3
    receivers: int = 1000  # §4.3
    duplicate_check_s: float = 1800.0  # §4.3: duplicate_check_interval, default
    member_messages_per_minute: int = 30  # §4.2: excess is dropped silently
    qr_scene_s: float = 2_592_000.0  # §3: temporary QR code
    scene_str_chars: int = 64  # §3
    js_tickets_per_hour: int = 400  # of a corp [W 96909]
    js_tickets_per_hour_app: int = 100  # bought by one app [W 96909]
    login_code_s: float = 300.0  # §4.7: code once, 5 min
    state_chars: int = 30  # §4.5: state of a contact way
    tag_name_chars: int = 30  # §4.5
    corp_tags: int = 10_000  # §4.5
    relation_tags: int = 3_000  # §4.5: of one customer by one member
    marks_at_once: int = 5  # §4.2: mark_tag side by side, else 45033
    mark_takes_s: float = 0.0  # how long one mark_tag takes
    official_tags: int = 100  # §3 (45056)
    official_user_tags: int = 20  # §3 (45059)
    official_tag_bytes: int = 30  # §3 (45158)
    official_tag_users: int = 100_000  # §3 (45057): above it a tag cannot be deleted
    official_batch: int = 50  # §3: openids of one batchtagging (40032)
