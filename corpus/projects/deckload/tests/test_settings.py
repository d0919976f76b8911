import pytest

from deckload.settings import Settings, SettingsError, load_settings


def test_defaults_without_a_file(tmp_path):
    assert load_settings(tmp_path / "none.toml") == Settings(40, 1.5)


def test_reads_both(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text("[stow]\ngap_cm = 55\n[balance]\nmax_list = 2\n")
    assert load_settings(path) == Settings(55, 2.0)


@pytest.mark.parametrize("text", ["[stow]\ngap_cm = -1\n", "[stow]\ngap_cm = 'x'\n", "[balance]\nmax_list = 0\n", "stow ="])
def test_refuses(tmp_path, text):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(SettingsError):
        load_settings(path)
