from datetime import datetime, timedelta

import pytest

from shiftplan import Shift


@pytest.fixture
def shift():
    def make(worker, start, hours):
        begin = datetime.fromisoformat(start)
        return Shift(begin, begin + timedelta(hours=hours), worker)

    return make
