"""House rules of the operator, from `deckload.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from .balance import MAX_LIST
from .stow import GAP_CM


class SettingsError(ValueError):
    """House rules that can not be read."""


@dataclass(frozen=True)
class Settings:
    """The rules that an operator may change."""

    gap_cm: int = GAP_CM
    max_list: float = MAX_LIST


def load_settings(path="deckload.toml"):
    """Reads the house rules; without a file, the defaults hold."""
    try:
        data = tomllib.loads(Path(path).read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from error
    gap_cm = data.get("stow", {}).get("gap_cm", GAP_CM)
    max_list = data.get("balance", {}).get("max_list", MAX_LIST)
    if not isinstance(gap_cm, int) or gap_cm < 0:
        raise SettingsError(f"{path}: gap_cm must be a whole number, not {gap_cm!r}")
    if not isinstance(max_list, (int, float)) or max_list <= 0:
        raise SettingsError(f"{path}: max_list must be above zero, not {max_list!r}")
    return Settings(gap_cm, float(max_list))
