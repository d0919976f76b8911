require "test_helper"

class ZzHeldOutTest < Minitest::Test
  def rates(text)
    Tidewatch.parse(text).rates
  end

  def test_rates
    assert_equal [["2026-08-01T10:30", 8.0], ["2026-08-01T12:30", -3.5]],
                 rates("2026-08-01T10:00 10\n2026-08-01T10:30 14\n2026-08-01T12:30 7\n")
    assert_equal [["2026-08-02T00:20", 12.0]], rates("2026-08-01T23:50 -1\n2026-08-02T00:20 5\n")
    assert_equal [["2026-08-01T10:07", 25.7]], rates("2026-08-01T10:00 0\n2026-08-01T10:07 3\n")
    assert_equal [], rates("2026-08-01T10:00 0\n")
    assert_raises(ArgumentError) { rates("2026-08-01T10:00 0\n2026-08-01T10:00 5\n") }
  end
end
