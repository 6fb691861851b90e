"""Why did a turn come out as it did?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from bot.cli import outbox
from bot.cli.printing import print_json, print_table
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import desk, reading
from bot.store.engine import read_only
from bot.store.explanations import ExplainedTurn, explain_turn, newest_turn
from handoff import Assignment

_TABLES = frozenset({"ranking", "passages"})
FEATURES_SHOWN = 3  # the strongest


def explain(
    context: typer.Context,
    turn: Annotated[int, typer.Argument(metavar="TURN", help="Id of a turn, as the console and outbox list show it.")],
    show_text: Annotated[bool, typer.Option("--show-text", help="Show the words too.")] = False,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show why a turn came out as it did: understanding, scripts and costs, signals, rule, and what followed."""
    shared: Shared = context.obj
    settings = shared.settings()

    async def main() -> tuple[ExplainedTurn, Sequence[Assignment]]:
        async with reading(settings) as engine, read_only(engine).connect() as connection:
            found = await explain_turn(connection, turn)
            if found is None:
                newest = await newest_turn(connection)
                raise fail(
                    f"no turn {turn}; the newest is {newest}" if newest else f"no turn {turn}; there is none yet"
                )
            log = await desk().assignments(connection, found.conversation_id) if found.conversation_id else ()
        return found, [each for each in log if _followed(each, found)]

    found, moves = run_async(main, what="explain")
    if as_json:
        print_json(_plain(found, moves, show_text=show_text))
    else:
        _show(found, moves, show_text=show_text)


def _followed(assignment: Assignment, turn: ExplainedTurn) -> bool:
    """Did the conversation change hands after this turn and before the next?"""
    return assignment.at >= turn.created_at and (turn.until is None or assignment.at < turn.until)


def _plain(turn: ExplainedTurn, moves: Sequence[Assignment], *, show_text: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "turn": turn.id,
        "conversation": turn.conversation_id,
        "account": turn.account,
        "message": turn.message_id,
        "author": turn.author,
        "decision": turn.decision,
        "reason": turn.reason,
        "created_at": turn.created_at.isoformat(),
        "joined_into": turn.joined_into,
        "bubbles": list(turn.bubbles),
        "explanation": dict(turn.explanation),
        "outbox": [outbox.plain(each, show_text=show_text) for each in turn.effects],
        "assignments": [_move(each) for each in moves],
    }
    return {**told, "text": _text(turn)} if show_text else told


def _move(assignment: Assignment) -> dict[str, object]:
    return {
        "at": assignment.at.isoformat(),
        "from": assignment.from_owner,
        "to": assignment.to_owner,
        "team": assignment.team,
        "agent": assignment.agent,
        "cause": assignment.cause,
        "candidates": list(assignment.candidates),
        "exclusions": dict(assignment.exclusions),
        "reason": assignment.reason,
    }


def _show(turn: ExplainedTurn, moves: Sequence[Assignment], *, show_text: bool) -> None:
    typer.echo(f"turn {turn.id} of conversation {turn.conversation_id or '-'}, {turn.created_at:%Y-%m-%d %H:%M:%S} UTC")
    typer.echo(f"{turn.author} wrote{f': {_text(turn)}' if show_text else ''} (message {turn.message_id or '-'})")
    typer.echo(f"decision {turn.decision}, reason: {turn.reason or '-'}")
    if turn.joined_into:
        typer.echo(f"it was read together with what she wrote next: see turn {turn.joined_into}")
    if turn.bubbles:
        typer.echo(f"read together with the messages of turn {', '.join(map(str, turn.bubbles))}")
    _show_explanation(turn.explanation)
    if turn.effects:
        outbox.show(turn.effects, show_text=show_text)
    for move in moves:
        whom = move.agent or move.team or move.to_owner
        typer.echo(f"{move.at:%H:%M:%S} {move.from_owner} → {whom} ({move.cause}): {move.reason}")
        for agent, refusal in move.exclusions.items():
            typer.echo(f"         not {agent}: {refusal}")


def _show_explanation(explanation: Mapping[str, Any]) -> None:
    parts = explanation.get("parts") or []
    _show_found({name: value for name, value in explanation.items() if name != "parts"})
    for number, part in enumerate(parts, start=1):
        typer.echo(f"── question {number} of {len(parts)}")
        _show_found(part)


def _show_found(found: Mapping[str, Any]) -> None:
    """What was found for one question."""
    for name, value in found.items():
        if name not in _TABLES:
            typer.echo(f"{name}: {value}")
    if ranking := found.get("ranking"):
        print_table(["intent", "confidence"], ranking)
    if passages := found.get("passages"):
        print_table(["script", "closest question", "probability", "because", "fate"], list(map(_passage_row, passages)))


def _passage_row(passage: Mapping[str, Any]) -> list[object]:
    """fate: with the thresholds in force, and the costs behind them where these are not the shop's general ones."""
    features = passage.get("features") or {}
    told = sorted(features.items(), key=lambda each: -abs(each[1]))[:FEATURES_SHOWN]
    fate = [str(passage.get("fate", ""))]
    if "answer_above" in passage:
        fate.append(f"said from {passage['answer_above']:.2f}, offered from {passage['ask_above']:.2f}")
    if passage.get("costs_of"):
        costs = ", ".join(f"{name} {value:g}" for name, value in passage["costs"].items())
        fate.append(f"costs of {', '.join(passage['costs_of'])}: {costs}")
    because = ", ".join(f"{name} {value:.2f}" for name, value in told)
    return [passage.get("script"), passage.get("question"), passage.get("probability"), because, "; ".join(fate)]


def _text(turn: ExplainedTurn) -> str:
    return str(turn.body.get("text", ""))
